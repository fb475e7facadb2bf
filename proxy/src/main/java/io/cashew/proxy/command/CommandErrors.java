package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Errors about commands, as Redis 7 words them. Texts are without the leading {@code -}; their
 * characters are bytes (ISO 8859-1), because they quote what a client sent.
 */
public final class CommandErrors {
  /** Bytes of a client's that Redis quotes at most: of the name, and of all arguments together. */
  private static final int QUOTED_MAX = 128;

  private CommandErrors() {}

  /** No command has this name. */
  public static String unknownCommand(RequestFrame frame) {
    StringBuilder text = new StringBuilder("ERR unknown command '");
    text.append(quoted(frame, 0, QUOTED_MAX)).append("', with args beginning with: ");
    int start = text.length();
    for (int i = 1; i < frame.argc() && text.length() - start < QUOTED_MAX; i++) {
      int room = QUOTED_MAX - (text.length() - start);
      text.append('\'').append(quoted(frame, i, room)).append("' ");
    }
    return text.toString();
  }

  /** The container has no subcommand of this name; the request has at least two arguments. */
  public static String unknownSubcommand(Command container, RequestFrame frame) {
    return "ERR unknown subcommand '%s'. Try %s HELP."
        .formatted(quoted(frame, 1, QUOTED_MAX), container.name().toUpperCase(Locale.ROOT));
  }

  /** The request has too few or too many arguments. */
  public static String wrongArity(Command command) {
    return "ERR wrong number of arguments for '" + command.name() + "' command";
  }

  /** The command is of kind {@link Kind#REFUSED}, or {@link Kind#ONE_NODE} and there are more. */
  public static String refused(Command command) {
    return "ERR " + command.why();
  }

  /** Writes an error reply. Line ends in the text become spaces: a reply is one line. */
  public static void write(String error, ByteBuf out) {
    out.writeByte('-');
    out.writeCharSequence(error.replace('\r', ' ').replace('\n', ' '), StandardCharsets.ISO_8859_1);
    out.writeByte('\r').writeByte('\n');
  }

  /** An argument up to its first NUL, as C prints it. */
  private static String quoted(RequestFrame frame, int index, int max) {
    ByteBuf buf = frame.buf();
    int offset = frame.offset(index);
    int length = Math.min(frame.length(index), max);
    int nul = buf.indexOf(offset, offset + length, (byte) 0);
    return buf.toString(offset, nul < 0 ? length : nul - offset, StandardCharsets.ISO_8859_1)
        .replace('\r', ' ')
        .replace('\n', ' ');
  }
}
