package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.file.Files;
import java.nio.file.Path;

/** A configuration file as text: UTF-8 or nothing, since any other guess would change secrets. */
final class TextFile {
  private TextFile() {}

  /** What is wrong with a file as a whole. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    private final int line;

    UnreadableException(int line, String text) {
      super(text, null, false, false);
      this.line = line;
    }

    /** 1 for the first; 0: it has no line. */
    int line() {
      return line;
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Reads a file.
   *
   * @throws UnreadableException if it cannot be read, or is not UTF-8
   */
  static String read(Path file) throws UnreadableException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException wrong) {
      throw new UnreadableException(0, "cannot be read: " + wrong);
    }
    return decode(bytes);
  }

  /**
   * Decodes UTF-8.
   *
   * @throws UnreadableException at the first byte that is not
   */
  static String decode(byte[] bytes) throws UnreadableException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = UTF_8.newDecoder().decode(in, out, true);
    if (!result.isError()) {
      return out.flip().toString();
    }
    int lineStart = 0;
    int line = 1;
    for (int i = 0; i < in.position(); i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    throw new UnreadableException(
        line,
        String.format(
            "is not UTF-8: byte %d of this line is 0x%02x; save the file as UTF-8, in which its"
                + " texts are those that clients and nodes send",
            in.position() - lineStart + 1, bytes[in.position()]));
  }
}
