package io.cashew.proxy.cache;

import java.util.concurrent.ConcurrentHashMap;

/**
 * A server with one value, and the memory in front of it as workers use it: what {@code Fill} and
 * {@code KeyWatch} do of a request, with the class that decides, {@link Versions}.
 */
final class Memory {
  /** Nothing is given from memory. */
  static final int NOTHING = -1;

  private static final String BROKEN = System.getProperty("cashew.break", "");

  private final Versions versions = new Versions(1);
  private final ConcurrentHashMap<String, int[]> kept = new ConcurrentHashMap<>();

  /** Of which a write is atomic, and known to all at once. */
  private volatile int server;

  /** A GET whose reply is kept. @return what its client is told */
  int get() {
    long asked = versions.now(0);
    int reply = server;
    if (BROKEN.equals("claim")) {
      kept.put("key", new int[] {reply, (int) versions.now(0)});
    } else if (versions.claim(0, asked)) {
      kept.put("key", new int[] {reply, (int) asked + 1});
    } else if (!BROKEN.equals("second")) {
      versions.end(0);
    }
    return reply;
  }

  /** A SET through this process; when it returns, it was answered. */
  void set(int value) {
    versions.end(0);
    server = value;
    if (!BROKEN.equals("sent")) {
      versions.end(0);
    }
  }

  /** A SET by others, of which nothing has been heard yet. */
  void setByOthers(int value) {
    server = value;
  }

  /** What a client is given from memory. */
  int fromMemory() {
    int[] value = kept.get("key");
    return value != null && versions.now(0) == value[1] ? value[0] : NOTHING;
  }
}
