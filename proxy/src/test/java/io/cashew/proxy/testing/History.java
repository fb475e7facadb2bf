package io.cashew.proxy.testing;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What clients have written and read, and what in it cannot have been. Thread-safe.
 *
 * <p>A write that was answered has happened; one that was refused before it was sent has not; one
 * that failed after it was sent may have, also later and behind newer ones. Every value tells whose
 * it is, so that a reply given to the wrong request is known at sight.
 */
public final class History {
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong doubts = new AtomicLong();
  private final AtomicLong lateWrites = new AtomicLong();

  /** Notes something that cannot have been. */
  public void violated(String what) {
    violations.add(what);
  }

  /** What cannot have been; the first ones of it. */
  public List<String> violations() {
    return violations.stream().limit(20).toList();
  }

  /** Writes that were answered. */
  public long writes() {
    return writes.get();
  }

  /** How much there is of each: for what a test says at its end. */
  @Override
  public String toString() {
    return String.format(
        "%d acknowledged writes, %d in doubt, %d reads, %d of a late write",
        writes.get(), doubts.get(), reads.get(), lateWrites.get());
  }

  /** A key that one client writes, each value once, and all read. */
  public final class Register {
    private final String key;
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Set<Long> inDoubt = ConcurrentHashMap.newKeySet();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private final Map<Long, Boolean> seen = new ConcurrentHashMap<>();

    /** A register that holds nothing. */
    public Register(String key) {
      this.key = key;
    }

    /** Its key. */
    public String key() {
      return key;
    }

    /** Begins a write: its number. */
    public long begin() {
      return started.incrementAndGet();
    }

    /** The value of a write. */
    public String value(long number) {
      return key + "=" + number;
    }

    /** It was answered. */
    public void acknowledge(long number) {
      acknowledged.accumulateAndGet(number, Math::max);
      writes.incrementAndGet();
    }

    /** It failed after it was sent. */
    public void doubt(long number) {
      inDoubt.add(number);
      doubts.incrementAndGet();
    }

    /** It failed before it was sent. */
    public void refuse(long number) {
      refused.add(number);
      if (seen.containsKey(number)) {
        violated(value(number) + " was read, and its write refused as not sent");
      }
    }

    /** The last write that was answered: taken before a read begins. */
    public long lowest() {
      return acknowledged.get();
    }

    /** What was read, by a read that began when {@link #lowest} was {@code from}. */
    public void read(@Nullable Object value, long from) {
      reads.incrementAndGet();
      long number = number(value);
      if (number < 0) {
        violated("read of " + key + " was answered with " + value);
        return;
      }
      seen.put(number, true);
      if (refused.contains(number)) {
        violated(value(number) + " was read, and its write refused as not sent");
      }
      if (number > started.get()) {
        violated(value(number) + " was read, and never written");
      } else if (number < from) {
        if (inDoubt.contains(number)) {
          lateWrites.incrementAndGet();
        } else {
          violated(value(number) + " was read after " + value(from) + " was acknowledged");
        }
      }
    }

    /** The number of a value; 0 if there is none, -1 if it is another's. */
    private long number(@Nullable Object value) {
      if (value == null) {
        return 0;
      }
      String prefix = key + "=";
      String text = value.toString();
      return text.startsWith(prefix) ? Long.parseLong(text.substring(prefix.length())) : -1;
    }
  }

  /** A number that one client increments; begins at a number that no other counter comes near. */
  public final class Counter {
    private final String key;
    private final long first;
    private long last;
    private long acknowledged;
    private long inDoubt;

    /** A counter whose value is {@code first}. */
    public Counter(String key, long first) {
      this.key = key;
      this.first = first;
      last = first;
    }

    /** Its key. */
    public String key() {
      return key;
    }

    /** An increment was answered. Those before it that are in doubt may have been executed. */
    public synchronized void acknowledge(@Nullable Object reply) {
      acknowledged++;
      writes.incrementAndGet();
      long most = first + acknowledged + inDoubt;
      if (!(reply instanceof Long value)
          || value <= last
          || value < first + acknowledged
          || value > most) {
        violated("INCR of " + key + " after " + last + ", at most " + most + ", gave " + reply);
      } else {
        last = value;
      }
    }

    /** An increment failed after it was sent. */
    public synchronized void doubt() {
      inDoubt++;
      doubts.incrementAndGet();
    }

    /** What it is at the end. */
    public synchronized void read(@Nullable Object value) {
      reads.incrementAndGet();
      long number = value == null ? -1 : Long.parseLong(value.toString());
      if (number < first + acknowledged || number > first + acknowledged + inDoubt) {
        violated(
            String.format(
                "%s is %s at the end: %d were acknowledged since %d, and %d are in doubt",
                key, value, acknowledged, first, inDoubt));
      }
    }
  }
}
