package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Buffers that were used and will be again, last in, first out, so that the next one is likely to
 * be in the processor's cache. To take one costs less than from the allocator. Confined to a
 * worker.
 */
public final class SpareBuffers {
  private final ByteBufAllocator allocator;
  private final int initialCapacity;
  private final int maxCapacity;
  private final ByteBuf[] spare;
  private int count;
  private boolean closed;

  /**
   * Keeps nothing yet.
   *
   * @param initialCapacity bytes that a new buffer has room for
   * @param maxCapacity a buffer that has grown beyond it is not kept
   * @param most buffers that are kept
   */
  SpareBuffers(ByteBufAllocator allocator, int initialCapacity, int maxCapacity, int most) {
    this.allocator = allocator;
    this.initialCapacity = initialCapacity;
    this.maxCapacity = maxCapacity;
    spare = new ByteBuf[most];
  }

  /** An empty buffer, of the capacity that an earlier user has let it grow to. */
  public ByteBuf take() {
    return count > 0 ? spare[--count] : allocator.directBuffer(initialCapacity);
  }

  /** Takes ownership of a buffer; it is not kept if somebody else still holds it. */
  public void give(ByteBuf buffer) {
    if (count < spare.length
        && !closed
        && buffer.refCnt() == 1
        && buffer.capacity() <= maxCapacity) {
      spare[count++] = buffer.clear();
    } else {
      buffer.release();
    }
  }

  /** Gives back what is kept; from here on nothing is. */
  void close() {
    closed = true;
    while (count > 0) {
      spare[--count].release();
    }
  }
}
