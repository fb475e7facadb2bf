package io.cashew.proxy.conformance;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One reply of either protocol as it came: its first line, the bytes of a string, its elements.
 * Characters are bytes (ISO 8859-1); {@link #bytes()} gives back exactly what was read.
 *
 * @param line type and count, length or text, without CRLF
 * @param body the bytes of a bulk or verbatim string; null if it is none
 * @param elements of an array, set, push, map (keys and values in turn) or attribute; an attribute
 *     is followed by the reply that it speaks of as its last element
 */
record Reply(String line, @Nullable String body, List<Reply> elements) {

  /** What stands for the end of a connection. */
  static final Reply END = new Reply("(the connection ends)", null, List.of());

  static Reply of(String line) {
    return new Reply(line, null, List.of());
  }

  /** Reads one reply; {@link #END} if there is none. */
  static Reply read(InputStream in) throws IOException {
    int first = in.read();
    return first < 0 ? END : read((char) first, in);
  }

  private static Reply read(char type, InputStream in) throws IOException {
    String line = type + restOfLine(in);
    if (line.length() < 2) {
      return of(line);
    }
    String rest = line.substring(1);
    return switch (type) {
      case '+', '-', ':', '_', ',', '#', '(' -> of(line);
      case '$', '=', '!' ->
          new Reply(line, rest.equals("-1") ? null : body(in, Integer.parseInt(rest)), List.of());
      case '*', '~', '>' -> new Reply(line, null, elements(in, Integer.parseInt(rest)));
      case '%' -> new Reply(line, null, elements(in, 2 * Integer.parseInt(rest)));
      case '|' -> new Reply(line, null, elements(in, 2 * Integer.parseInt(rest) + 1));
      default -> throw new IOException("not a reply: " + line);
    };
  }

  private static List<Reply> elements(InputStream in, int count) throws IOException {
    List<Reply> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int first = in.read();
      if (first < 0) {
        throw new EOFException("the connection ends within a reply");
      }
      elements.add(read((char) first, in));
    }
    return elements;
  }

  private static String body(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length + 2);
    if (bytes.length < length + 2) {
      throw new EOFException("the connection ends within a string");
    }
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  private static String restOfLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\r'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ends within a line");
      }
      line.append((char) b);
    }
    if (in.read() != '\n') {
      throw new IOException("a line that does not end with CRLF: " + line);
    }
    return line.toString();
  }

  char type() {
    return line.charAt(0);
  }

  /** The bytes that were read. */
  String bytes() {
    StringBuilder bytes = new StringBuilder();
    write(bytes);
    return bytes.toString();
  }

  private void write(StringBuilder to) {
    to.append(line).append("\r\n");
    if (body != null) {
      to.append(body).append("\r\n");
    }
    elements.forEach(element -> element.write(to));
  }

  /** The text of a string, a number or a line. */
  String text() {
    return body == null ? line.substring(1) : body;
  }

  /** This reply with other elements. */
  Reply with(List<Reply> newElements) {
    return new Reply(line, body, newElements);
  }

  /** This reply with {@code change} made to whatever in it is no aggregate. */
  Reply mapLeaves(UnaryOperator<Reply> change) {
    return elements.isEmpty()
        ? change.apply(this)
        : with(elements.stream().map(element -> element.mapLeaves(change)).toList());
  }
}
