package io.cashew.proxy.loop;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The most memory that buffers of the process should hold. The first worker looks every {@link
 * #LOOK_MILLIS}, and at each tick when they hold much; all workers read what it found, and together
 * give back what is too much. Thread-safe. Two workers that give back at one time may give back a
 * client's buffers more than was needed, which is harmless.
 */
final class MemoryLimit {
  /** Adding up what buffers hold is cheap, but not for every tick. */
  private static final long LOOK_MILLIS = 50;

  private final PooledByteBufAllocator allocator;
  private final long limit;
  private long nextLookTickMillis;
  private volatile boolean exceeded;

  /** Bytes above the limit that nobody has given back since the last look. */
  private final AtomicLong excess = new AtomicLong();

  /** At most {@code limit} bytes of buffers of {@code allocator}. */
  MemoryLimit(PooledByteBufAllocator allocator, long limit) {
    this.allocator = allocator;
    this.limit = limit;
  }

  /** Whether buffers hold more: no new work is taken, until some of them are free. */
  boolean exceeded() {
    return exceeded;
  }

  /** Bytes that are still to be given back. */
  long excess() {
    return excess.get();
  }

  /** Bytes of buffers that are free now, or will be with the next iteration. */
  void giveBack(long bytes) {
    excess.addAndGet(-bytes);
  }

  /** Looks, if it is time to. One thread only calls this. */
  void look(long tickMillis) {
    if (tickMillis >= nextLookTickMillis) {
      long held = allocator.pinnedDirectMemory();
      nextLookTickMillis = held > limit / 2 ? tickMillis : tickMillis + LOOK_MILLIS;
      exceeded = held > limit;
      excess.set(Math.max(0, held - limit));
    }
  }
}
