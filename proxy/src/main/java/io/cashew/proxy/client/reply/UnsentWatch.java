package io.cashew.proxy.client.reply;

/**
 * Whether a subscriber has left too much unread, as Redis judges it: a hard limit at once, and a
 * quarter of it for a minute. Confined to the worker.
 */
final class UnsentWatch {
  private static final long PATIENCE_MILLIS = 60_000;

  private long hardBytes;
  private long softBytes;
  private long overSinceMillis = -1;

  UnsentWatch(long hardBytes) {
    limit(hardBytes);
  }

  /** Has another limit from now on. */
  void limit(long newHardBytes) {
    hardBytes = newHardBytes;
    softBytes = newHardBytes / 4;
  }

  /** Whether a client with so many bytes unsent is to be closed. Asked again and again. */
  boolean tooMuch(long bytes, long tickMillis) {
    if (bytes <= softBytes) {
      overSinceMillis = -1;
      return false;
    }
    if (overSinceMillis < 0) {
      overSinceMillis = tickMillis;
    }
    return bytes > hardBytes || tickMillis - overSinceMillis > PATIENCE_MILLIS;
  }
}
