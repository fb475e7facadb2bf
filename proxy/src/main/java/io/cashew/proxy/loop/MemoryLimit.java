package io.cashew.proxy.loop;

import io.netty.buffer.PooledByteBufAllocator;

/**
 * The most memory that buffers of the process should hold. The first worker looks every {@link
 * #LOOK_MILLIS}; all workers read what it found. Thread-safe.
 */
final class MemoryLimit {
  /** Adding up what buffers hold is cheap, but not for every tick. */
  private static final long LOOK_MILLIS = 50;

  private final PooledByteBufAllocator allocator;
  private final long limit;
  private long nextLookTickMillis;
  private volatile boolean exceeded;

  /** At most {@code limit} bytes of buffers of {@code allocator}. */
  MemoryLimit(PooledByteBufAllocator allocator, long limit) {
    this.allocator = allocator;
    this.limit = limit;
  }

  /** Whether buffers hold more: no new work is taken, until some of them are free. */
  boolean exceeded() {
    return exceeded;
  }

  /** Looks, if it is time to. One thread only calls this. */
  void look(long tickMillis) {
    if (tickMillis >= nextLookTickMillis) {
      nextLookTickMillis = tickMillis + LOOK_MILLIS;
      exceeded = allocator.pinnedDirectMemory() > limit;
    }
  }
}
