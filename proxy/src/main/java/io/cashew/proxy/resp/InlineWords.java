package io.cashew.proxy.resp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of one line, quoted as Redis's inline commands and {@code redis-cli} have it: {@code
 * "…"} with the escapes {@code \n \r \t \b \a \xHH}, {@code '…'} with {@code \'}; behind a closing
 * quote comes a blank or the end. Belongs to one line.
 */
final class InlineWords {
  private final byte[] line;
  private final List<byte[]> words = new ArrayList<>();
  private final ByteArrayOutputStream word = new ByteArrayOutputStream();
  private int at;

  private InlineWords(byte[] line) {
    this.line = line;
  }

  /**
   * @param line without its end
   * @throws ProtocolException if a quote is not closed, or not followed by a blank
   */
  static List<byte[]> of(byte[] line) {
    InlineWords reader = new InlineWords(line);
    for (reader.skipBlanks(); reader.at < line.length; reader.skipBlanks()) {
      reader.word();
    }
    return reader.words;
  }

  /** White space as C has it. */
  static boolean isBlank(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }

  private void skipBlanks() {
    while (at < line.length && isBlank(line[at])) {
      at++;
    }
  }

  private void word() {
    word.reset();
    while (at < line.length && !endsWord(line[at])) {
      byte b = line[at++];
      if (b == '"' || b == '\'') {
        quoted(b);
        break;
      }
      word.write(b);
    }
    words.add(word.toByteArray());
  }

  /** Vertical tabs and form feeds are blank between words, yet end none: so Redis has it. */
  private static boolean endsWord(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  private void quoted(byte quote) {
    while (at < line.length) {
      byte b = line[at++];
      if (b == quote) {
        if (at < line.length && !isBlank(line[at])) {
          break;
        }
        return;
      }
      if (b == '\\' && at < line.length && (quote == '"' || line[at] == quote)) {
        word.write(quote == '"' ? escaped() : line[at++]);
      } else {
        word.write(b);
      }
    }
    throw new ProtocolException("Protocol error: unbalanced quotes in request");
  }

  /** The byte that an escape within double quotes stands for; its backslash has been read. */
  private int escaped() {
    byte b = line[at++];
    if (b == 'x' && at + 2 <= line.length) {
      int high = Character.digit(line[at], 16);
      int low = Character.digit(line[at + 1], 16);
      if (high >= 0 && low >= 0) {
        at += 2;
        return high << 4 | low;
      }
    }
    return switch (b) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> b;
    };
  }
}
