package io.cashew.proxy.integration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of several proxies have seen of keys whose values are versions that only rise:
 * says of each reply from memory whether it may be, and how late the news of a write came to each
 * proxy. Shared by the threads of a test.
 *
 * <p>Law 1: a read that begins after a client of the same proxy has seen a version gives none that
 * is older. Law 2: for each write and each other proxy, the time from its reply to the beginning of
 * the last read there that missed it.
 */
final class CacheLedger {
  /** Between two versions of a key, so that a flush has a place between them. */
  private static final long STEP = 2;

  private static final class Key {
    private final long[] floors;
    private final List<Write> writes = new ArrayList<>();
    private long next = STEP;
    private long acknowledged;

    private Key(int proxies) {
      floors = new long[proxies];
    }
  }

  private static final class Write {
    private final long version;
    private final long repliedNanos;
    private final long[] missedNanos;

    private Write(long version, long repliedNanos, int proxies) {
      this.version = version;
      this.repliedNanos = repliedNanos;
      missedNanos = new long[proxies];
    }
  }

  private final int proxies;
  private final Map<String, Key> keys = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private long reads;
  private long writes;
  private long resetNanos = System.nanoTime();

  CacheLedger(int proxies) {
    this.proxies = proxies;
  }

  private Key key(String name) {
    return keys.computeIfAbsent(name, absent -> new Key(proxies));
  }

  /** The version that the one writer of a key writes next. */
  synchronized long next(String name) {
    Key key = key(name);
    key.next += STEP;
    return key.next;
  }

  /** A write has its reply, through a proxy. */
  synchronized void written(int proxy, String name, long version) {
    Key key = key(name);
    key.acknowledged = version;
    key.floors[proxy] = Math.max(key.floors[proxy], version);
    key.writes.add(new Write(version, System.nanoTime(), proxies));
    writes++;
  }

  /** What everybody may rely on of a key, before a flush or a deletion is sent. */
  synchronized Map<String, Long> beforeReset() {
    Map<String, Long> before = new HashMap<>();
    keys.forEach((name, key) -> before.put(name, key.acknowledged));
    resetNanos = System.nanoTime();
    return before;
  }

  /** The flush was answered through a proxy: what was acknowledged before it must not be given. */
  synchronized void reset(int proxy, Map<String, Long> before) {
    before.forEach(
        (name, version) -> {
          Key key = key(name);
          key.floors[proxy] = Math.max(key.floors[proxy], version + 1);
        });
    resetNanos = System.nanoTime();
  }

  /** Keys may be gone from now on, whoever removes them. */
  synchronized void mayBeGone() {
    resetNanos = System.nanoTime();
  }

  /** What a read that begins now must not fall below, through a proxy. */
  synchronized long floor(int proxy, String name) {
    return key(name).floors[proxy];
  }

  /**
   * A read has its reply.
   *
   * @param floor as {@link #floor} said when it began
   * @param version null: there is no such key
   */
  synchronized void read(
      int proxy, String name, long beganNanos, long floor, @Nullable Long version) {
    reads++;
    if (version == null) {
      return;
    }
    Key key = key(name);
    if (version < floor) {
      violations.add(
          "%s through proxy %d: %d after %d, read began %d ms after a reset"
              .formatted(name, proxy, version, floor, (beganNanos - resetNanos) / 1_000_000));
    }
    key.floors[proxy] = Math.max(key.floors[proxy], version);
    for (int i = key.writes.size() - 1; i >= 0; i--) {
      Write write = key.writes.get(i);
      if (write.version <= version) {
        break;
      }
      long late = beganNanos - write.repliedNanos;
      write.missedNanos[proxy] = Math.max(write.missedNanos[proxy], late);
    }
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized long reads() {
    return reads;
  }

  /** How late the news of writes came, in milliseconds: of so many in a thousand, no later. */
  synchronized double latenessMillis(int ofThousand) {
    List<Long> all = new ArrayList<>();
    for (Key key : keys.values()) {
      for (Write write : key.writes) {
        for (long missed : write.missedNanos) {
          all.add(Math.max(0, missed));
        }
      }
    }
    all.sort(null);
    return all.isEmpty()
        ? 0
        : all.get((int) Math.min(all.size() - 1, (long) all.size() * ofThousand / 1000)) / 1e6;
  }

  @Override
  public synchronized String toString() {
    return "%d reads, %d writes, %d violations; late by p50 %.2f, p99 %.2f, most %.2f ms"
        .formatted(
            reads,
            writes,
            violations.size(),
            latenessMillis(500),
            latenessMillis(990),
            latenessMillis(1000));
  }
}
