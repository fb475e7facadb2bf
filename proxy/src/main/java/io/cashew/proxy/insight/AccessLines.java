package io.cashew.proxy.insight;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * One worker's lines for the access log: they gather in a buffer, which goes to the file's thread
 * when it is full and once a second. Confined to the worker; allocates nothing for a line.
 *
 * <p>{@code 2026-01-31T12:00:00.123Z 10.0.0.1:5000 default get "user:1" alpha 210 31 9}: time,
 * client, user, command, key, node, microseconds, bytes of the request, bytes of the reply. A dash
 * stands for what is not there.
 */
public final class AccessLines {
  private static final int BUFFER_BYTES = 64 << 10;

  /** No line is longer: a key is cut. */
  private static final int LINE_MAX = 2 << 10;

  private static final int TEXT_MAX = 256;
  private static final int KEY_MAX = 128;
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final AccessLog log;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int length;
  private int lines;
  private long second = Long.MIN_VALUE;
  private byte[] secondText = new byte[0];

  /** Lines for {@code log}. */
  public AccessLines(AccessLog log) {
    this.log = log;
  }

  /** Whether lines are to be written. */
  public boolean areOn() {
    return log.isOn();
  }

  /** Begins a line. */
  public void begin(long nowMillis, String client, String user, String command) {
    if (length + LINE_MAX > buffer.length) {
      flush();
    }
    lines++;
    time(nowMillis);
    text(client);
    text(user);
    text(command);
  }

  private void time(long nowMillis) {
    long seconds = Math.floorDiv(nowMillis, 1000L);
    if (seconds != second) {
      second = seconds;
      secondText =
          SECONDS.format(Instant.ofEpochSecond(seconds)).getBytes(StandardCharsets.US_ASCII);
    }
    System.arraycopy(secondText, 0, buffer, length, secondText.length);
    length += secondText.length;
    int millis = (int) Math.floorMod(nowMillis, 1000L);
    put('0' + millis / 100);
    put('0' + millis / 10 % 10);
    put('0' + millis % 10);
    put('Z');
  }

  private void put(int b) {
    buffer[length++] = (byte) b;
  }

  /** A word of our own: a name or an address. */
  private void text(String text) {
    put(' ');
    int shown = Math.min(text.length(), TEXT_MAX);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      put(c > ' ' && c < 0x7f ? c : '?');
    }
    if (shown == 0) {
      put('-');
    }
  }

  /**
   * Goes on with the key.
   *
   * @param bytes hold it
   */
  public void key(byte[] bytes, int from, int keyLength) {
    put(' ');
    put('"');
    int shown = Math.min(keyLength, KEY_MAX);
    for (int i = from; i < from + shown; i++) {
      byte b = bytes[i];
      if (b == '"' || b == '\\') {
        put('\\');
        put(b);
      } else if (b >= ' ' && b < 0x7f) {
        put(b);
      } else {
        put('\\');
        put('x');
        put(HEX[(b >> 4) & 15]);
        put(HEX[b & 15]);
      }
    }
    for (int i = 0; shown < keyLength && i < 3; i++) {
      put('.');
    }
    put('"');
  }

  /** Goes on without a key. */
  public void noKey() {
    text("");
  }

  /** Ends the line. */
  public void end(String node, long micros, long requestBytes, long replyBytes) {
    text(node);
    number(micros);
    number(requestBytes);
    number(replyBytes);
    put('\n');
  }

  private void number(long value) {
    put(' ');
    long divisor = 1;
    while (value / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      put((int) ('0' + value / divisor % 10));
    }
  }

  /** Hands over the lines that are here. */
  public void flush() {
    if (lines > 0) {
      buffer = log.exchange(buffer, length, lines);
      length = 0;
      lines = 0;
    }
  }
}
