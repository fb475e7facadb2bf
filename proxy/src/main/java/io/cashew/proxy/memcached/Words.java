package io.cashew.proxy.memcached;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What memcached 1.6.18 answers, byte for byte. */
public final class Words {
  public static final byte[] ERROR = line("ERROR");
  public static final byte[] BAD_FORMAT = line("CLIENT_ERROR bad command line format");
  public static final byte[] BAD_DELETE =
      line("CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]");
  public static final byte[] BAD_DATA = line("CLIENT_ERROR bad data chunk");
  public static final byte[] BAD_DELTA = line("CLIENT_ERROR invalid numeric delta argument");
  public static final byte[] BAD_TIME = line("CLIENT_ERROR invalid exptime argument");
  public static final byte[] BAD_BASE64 = line("CLIENT_ERROR error decoding key");
  public static final byte[] TOO_MANY_FLAGS = line("CLIENT_ERROR options flags too long");
  public static final byte[] TOO_LARGE = line("SERVER_ERROR object too large for cache");
  public static final byte[] END = line("END");
  public static final byte[] OK = line("OK");
  public static final byte[] NOOP = line("MN");

  private Words() {}

  /** A line of this text. */
  public static byte[] line(String text) {
    return (text.replace('\r', ' ').replace('\n', ' ') + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  /** What is answered if the server's side is to blame. */
  public static byte[] serverError(String text) {
    return line("SERVER_ERROR " + text);
  }

  /** Whether a reply of one line is an error. */
  public static boolean isError(byte[] reply) {
    return startsWith(reply, "ERROR")
        || startsWith(reply, "CLIENT_ERROR")
        || startsWith(reply, "SERVER_ERROR");
  }

  /** Whether a line that begins here is an error. */
  public static boolean isError(ByteBuf buf, int from, int to) {
    byte first = from < to ? buf.getByte(from) : 0;
    if (first != 'E' && first != 'C' && first != 'S') {
      return false;
    }
    int at = from;
    while (at < to && buf.getByte(at) > ' ' && buf.getByte(at) != ':') {
      at++;
    }
    return ReplyShape.isError(buf, from, at - from);
  }

  private static boolean startsWith(byte[] reply, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (i >= reply.length || reply[i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
