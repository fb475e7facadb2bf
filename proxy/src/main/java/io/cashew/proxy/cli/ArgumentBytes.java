package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Command-line arguments as the bytes that the shell gave.
 *
 * <p>Java decodes arguments by the locale, and in the C locale every byte above 127 becomes a
 * question mark. Linux keeps the bytes in {@code /proc/self/cmdline}; they are decoded as UTF-8,
 * and a byte that is no UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF, from which {@link
 * #encode} gets it back (the scheme of Python's {@code surrogateescape}, PEP 383).
 */
final class ArgumentBytes {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final int ESCAPE = 0xdc00;

  private ArgumentBytes() {}

  /** The arguments of this process, decoded from their bytes where the system shows these. */
  static String[] ofProcess(String[] arguments) {
    try {
      return restore(arguments, Files.readAllBytes(COMMAND_LINE));
    } catch (IOException notLinux) {
      return arguments;
    }
  }

  /**
   * Decodes the arguments that a command line ends with.
   *
   * @param commandLine the whole command line of the process, each argument ended by a zero byte
   * @return {@code arguments} as they are, if the command line does not end with them
   */
  static String[] restore(String[] arguments, byte[] commandLine) {
    List<byte[]> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        all.add(Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    int before = all.size() - arguments.length;
    if (before < 0) {
      return arguments;
    }
    String[] restored = new String[arguments.length];
    for (int i = 0; i < restored.length; i++) {
      byte[] bytes = all.get(before + i);
      restored[i] = decode(bytes);
      // ASCII reads the same in any locale: if it differs, these are not our arguments.
      if (isAscii(bytes) && !restored[i].equals(arguments[i])) {
        return arguments;
      }
    }
    return restored;
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  /** UTF-8 to a text from which {@link #encode} makes the same bytes, whatever they are. */
  static String decode(byte[] bytes) {
    if (isAscii(bytes)) {
      return new String(bytes, US_ASCII);
    }
    CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
      decoder.reset();
    }
  }

  /** The bytes of a text: UTF-8, and the byte itself for an escaped one. */
  static byte[] encode(String text) {
    if (text.codePoints().noneMatch(ArgumentBytes::isEscaped)) {
      return text.getBytes(UTF_8);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isEscaped(c)) {
                bytes.write(c - ESCAPE);
              } else {
                bytes.writeBytes(Character.toString(c).getBytes(UTF_8));
              }
            });
    return bytes.toByteArray();
  }

  private static boolean isEscaped(int codePoint) {
    return codePoint >= ESCAPE + 0x80 && codePoint <= ESCAPE + 0xff;
  }
}
