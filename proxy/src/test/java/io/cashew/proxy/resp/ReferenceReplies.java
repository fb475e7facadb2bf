package io.cashew.proxy.resp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RESP2 replies read the plain way, from a text that is all there: what the decoder is compared
 * with. It shares nothing with it.
 */
final class ReferenceReplies {
  /** The text ends before the reply does. */
  static final int INCOMPLETE = -1;

  /** The text is no reply. */
  static final int MALFORMED = -2;

  private static final Pattern LINE = Pattern.compile("([^\r\n]*)\r\n", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,18}");

  private final String text;
  private final long maxBulkLength;

  ReferenceReplies(byte[] bytes, long maxBulkLength) {
    text = new String(bytes, StandardCharsets.ISO_8859_1);
    this.maxBulkLength = maxBulkLength;
  }

  /** Index after the reply that begins at {@code from}, or one of the two constants. */
  int end(int from) {
    return end(from, 1);
  }

  private int end(int from, int depth) {
    if (from >= text.length()) {
      return INCOMPLETE;
    }
    if ("+-:$*".indexOf(text.charAt(from)) < 0) {
      return MALFORMED;
    }
    Matcher line = LINE.matcher(text).region(from + 1, text.length());
    if (!line.lookingAt()) {
      return badLineSoFar(from) ? MALFORMED : INCOMPLETE;
    }
    return switch (text.charAt(from)) {
      case '+', '-' -> line.group(1).length() <= ReplyDecoder.MAX_LINE ? line.end() : MALFORMED;
      case ':' -> number(line.group(1)).isPresent() ? line.end() : MALFORMED;
      case '$' -> bulkEnd(line);
      default -> arrayEnd(line, depth);
    };
  }

  private boolean badLineSoFar(int from) {
    String rest = text.substring(from + 1);
    return rest.matches("(?s)[^\r\n]*(\n|\r[^\n]).*");
  }

  private int bulkEnd(Matcher line) {
    Optional<Long> length = number(line.group(1)).filter(n -> n >= -1 && n <= maxBulkLength);
    if (length.isEmpty()) {
      return MALFORMED;
    }
    if (length.get() < 0) {
      return line.end();
    }
    long bulkEnd = line.end() + length.get();
    if (bulkEnd + 2 > text.length()) {
      boolean wrong = bulkEnd < text.length() && text.charAt((int) bulkEnd) != '\r';
      return wrong ? MALFORMED : INCOMPLETE;
    }
    return text.startsWith("\r\n", (int) bulkEnd) ? (int) bulkEnd + 2 : MALFORMED;
  }

  private int arrayEnd(Matcher line, int depth) {
    Optional<Long> size = number(line.group(1)).filter(n -> n >= -1 && n <= Integer.MAX_VALUE);
    if (size.isEmpty() || depth > ReplyDecoder.MAX_DEPTH) {
      return MALFORMED;
    }
    int at = line.end();
    for (long i = 0; i < size.get() && at >= 0; i++) {
      at = end(at, depth + 1);
    }
    return at;
  }

  private static Optional<Long> number(String digits) {
    if (!NUMBER.matcher(digits).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return Optional.empty(); // 19 digits, and more than 64 bits
    }
  }
}
