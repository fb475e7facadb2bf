package io.cashew.proxy.client.reply;

/**
 * How many requests of one client may be in flight: so many that nodes are kept busy, and so few
 * that the replies, all of which come whether the client reads them or not, need little memory.
 *
 * <p>It begins small and grows by one with each reply, so that it doubles with each round trip;
 * large replies make it small again at once, and small ones let it grow slowly.
 */
final class Window {
  /** If each of these asks for a megabyte, that is what is held for a client that reads none. */
  static final int INITIAL = 24;

  /** Replies up to this length need no attention. */
  private static final int SMALL = 256;

  private int max;
  private long bytes;
  private int grown;

  /** Bytes that a reply of this client is expected to have: the largest of late. */
  private long expected;

  private int size;

  /**
   * A window for a client that has asked nothing yet.
   *
   * @param max most requests, at least 1
   * @param bytes of replies that may be expected at one time
   * @param initial requests while nothing is known of its replies
   */
  Window(int max, long bytes, int initial) {
    this.max = max;
    this.bytes = bytes;
    grown = Math.min(initial, max);
    size = grown;
  }

  /** Has other limits from now on. */
  void limits(int newMax, long newBytes) {
    max = newMax;
    bytes = newBytes;
    grown = Math.min(grown, newMax);
    resize();
  }

  /** How many requests may be in flight; at least 1. */
  int size() {
    return size;
  }

  /** A reply of so many bytes is over. */
  void replied(long length) {
    if (length > expected) {
      expected = length;
      resize();
    } else if (expected > SMALL) {
      expected -= (expected - length + 7) >> 3;
      resize();
    }
    if (grown < max) {
      grown++;
      resize();
    }
  }

  private void resize() {
    long fitting = expected <= SMALL ? max : Math.max(1, bytes / expected);
    size = (int) Math.min(grown, fitting);
  }
}
