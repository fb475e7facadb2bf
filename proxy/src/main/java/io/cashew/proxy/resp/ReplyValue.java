package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A reply as a tree, of RESP2 or RESP3, for those few that the proxy must understand: to merge them
 * by what they say, or because it asked itself. Immutable. Characters are bytes (ISO 8859-1).
 *
 * @param type the first character of its line
 * @param text of a line or a string; empty for an aggregate
 * @param elements of an aggregate: those of a map are its keys and values in turn
 * @param isNil whether it is a null of any kind
 */
public record ReplyValue(char type, String text, List<ReplyValue> elements, boolean isNil) {
  private static final int MAX_DEPTH = 64;
  private static final String STRINGS = "$=!";
  private static final String AGGREGATES = "*%~>|";

  /** A text with each of its bytes in UTF-8 as a character: how texts are kept here. */
  public static String bytesOf(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** An integer. */
  public static ReplyValue integer(long value) {
    return new ReplyValue(':', Long.toString(value), List.of(), false);
  }

  /** An array. */
  public static ReplyValue array(List<ReplyValue> elements) {
    return new ReplyValue('*', "", List.copyOf(elements), false);
  }

  /** The same kind of string or line with another text. */
  public ReplyValue withText(String newText) {
    return new ReplyValue(type, newText, elements, false);
  }

  /** The same kind of aggregate with other elements. */
  public ReplyValue withElements(List<ReplyValue> newElements) {
    return new ReplyValue(type, "", List.copyOf(newElements), false);
  }

  /** Whether it is a string that is there, and no error. */
  public boolean isText() {
    return (type == '$' || type == '=') && !isNil;
  }

  /** The words of a string: of a verbatim one, without its format. */
  public String words() {
    return type == '=' && text.length() >= 4 ? text.substring(4) : text;
  }

  /** Its words as a text, of which its bytes are the UTF-8. */
  public String wordsInUtf8() {
    return new String(words().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The same kind of string that says other words. */
  public ReplyValue withWords(String words) {
    return withText(type == '=' ? text.substring(0, 4) + words : words);
  }

  /**
   * The number of an integer.
   *
   * @throws IllegalArgumentException if it is none
   */
  public long number() {
    return Long.parseLong(text);
  }

  /**
   * One of its elements.
   *
   * @throws IllegalArgumentException if there are fewer
   */
  public ReplyValue element(int index) {
    if (index >= elements.size()) {
      throw new IllegalArgumentException("no element " + index);
    }
    return elements.get(index);
  }

  /**
   * Reads one reply, which is there whole, and goes behind it.
   *
   * @throws IllegalArgumentException if it is nested deeper than any that is merged
   */
  public static ReplyValue read(ByteBuf buf) {
    return read(buf, 0);
  }

  private static ReplyValue read(ByteBuf buf, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("arrays nested more than " + MAX_DEPTH + " deep");
    }
    char type = (char) buf.readByte();
    String line = line(buf);
    if (line.equals("-1") && (type == '$' || type == '*')) {
      return new ReplyValue(type, line, List.of(), true);
    }
    if (STRINGS.indexOf(type) >= 0) {
      String text = characters(buf, Integer.parseInt(line));
      buf.skipBytes(2);
      return new ReplyValue(type, text, List.of(), false);
    }
    if (AGGREGATES.indexOf(type) < 0) {
      return new ReplyValue(type, line, List.of(), type == '_');
    }
    int count = Integer.parseInt(line) * (type == '%' || type == '|' ? 2 : 1);
    List<ReplyValue> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(read(buf, depth + 1));
    }
    return new ReplyValue(type, "", elements, false);
  }

  private static String line(ByteBuf buf) {
    int length = buf.bytesBefore((byte) '\r');
    if (length < 0) {
      throw new IllegalArgumentException("no end of line");
    }
    String line = characters(buf, length);
    buf.skipBytes(2);
    return line;
  }

  private static String characters(ByteBuf buf, int length) {
    return buf.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
  }

  /** Writes it as a node would. */
  public void write(ByteBuf out) {
    out.writeByte(type);
    if (isNil || (STRINGS.indexOf(type) < 0 && AGGREGATES.indexOf(type) < 0)) {
      line(out, text);
    } else if (STRINGS.indexOf(type) >= 0) {
      line(out, Integer.toString(text.length()));
      line(out, text);
    } else {
      line(out, Integer.toString(elements.size() / (type == '%' || type == '|' ? 2 : 1)));
      elements.forEach(element -> element.write(out));
    }
  }

  private static void line(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    out.writeByte('\r').writeByte('\n');
  }
}
