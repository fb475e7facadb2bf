package io.cashew.proxy.insight;

/** Bytes that a client has sent, as a line of a log can show them. */
public final class Printable {
  private static final int SHOWN_MAX = 128;
  private static final String HEX = "0123456789abcdef";

  private Printable() {}

  /**
   * In quotes; what is no printable ASCII as {@code \xff}, and what is beyond 128 bytes as three
   * dots.
   */
  public static String quoted(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length + 2).append('"');
    int shown = Math.min(bytes.length, SHOWN_MAX);
    for (int i = 0; i < shown; i++) {
      append(text, bytes[i]);
    }
    return text.append(shown < bytes.length ? "...\"" : "\"").toString();
  }

  private static void append(StringBuilder text, byte b) {
    if (b == '"' || b == '\\') {
      text.append('\\').append((char) b);
    } else if (b >= ' ' && b < 0x7f) {
      text.append((char) b);
    } else {
      text.append("\\x").append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
    }
  }
}
