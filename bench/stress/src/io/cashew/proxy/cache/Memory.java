package io.cashew.proxy.cache;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;

/**
 * A server with one value, and the memory in front of it as workers use it: what {@code Fill},
 * {@code Keeper} and {@code KeyWatch} do of a request, with the classes that decide, {@link
 * Versions} and {@link Claimed}.
 */
final class Memory {
  /** Nothing is given from memory. */
  static final int NOTHING = -1;

  private static final String BROKEN = System.getProperty("cashew.break", "");

  private final Versions versions = new Versions(1);
  private final ConcurrentHashMap<String, Value> kept = new ConcurrentHashMap<>();

  /** Of which a write is atomic, and known to all at once. */
  private volatile int server;

  private static final class Value extends Claimed {
    final int value;

    Value(int value, long version) {
      super(version);
      this.value = value;
    }
  }

  /**
   * A GET whose reply is kept once it is known how long the key lives.
   *
   * @param client what it does when it is told the reply, which is before that
   * @return what that comes to
   */
  int get(IntUnaryOperator client) {
    long asked = versions.now(0);
    int reply = server;
    boolean claimed = BROKEN.equals("claim") || versions.claim(0, asked);
    Value before = kept.get("key");
    if (claimed && before != null && !BROKEN.equals("replace")) {
      before.isReplaced();
    } else if (!claimed && !BROKEN.equals("second")) {
      versions.end(0);
    }
    int outcome = client.applyAsInt(reply);
    if (claimed) {
      keep(reply, BROKEN.equals("claim") ? versions.now(0) : asked + 1);
    }
    return outcome;
  }

  private void keep(int reply, long version) {
    Value one = new Value(reply, version);
    if (BROKEN.equals("begin")) {
      one.begins(versions, 0); // before others can find it
    }
    kept.put("key", one);
    one.begins(versions, 0);
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
    Value value = kept.get("key");
    return value != null && value.counts(versions, 0) ? value.value : NOTHING;
  }
}
