package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** When buffers hold too much, and how much of it nobody has given back. */
final class MemoryLimitTest {
  private static final int LIMIT = 1 << 20;

  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
  private final MemoryLimit memory = new MemoryLimit(allocator, LIMIT);

  @Test
  void whatIsHeldAboveTheLimitIsTooMuchUntilItIsFree() {
    memory.look(0);
    assertFalse(memory.exceeded());
    ByteBuf held = allocator.directBuffer(2 * LIMIT);
    memory.look(1000);
    assertTrue(memory.exceeded());
    assertEquals(allocator.pinnedDirectMemory() - LIMIT, memory.excess());
    held.release();
    memory.look(1020);
    assertFalse(memory.exceeded());
    assertEquals(0, memory.excess());
  }

  @Test
  void whatOneWorkerGivesBackNoOtherHasToGiveBack() {
    ByteBuf held = allocator.directBuffer(2 * LIMIT);
    memory.look(0);
    long excess = memory.excess();
    memory.giveBack(1000);
    assertEquals(excess - 1000, memory.excess());
    assertTrue(memory.exceeded(), "until it is looked again");
    held.release();
  }

  @Test
  void whereLittleIsHeldNotEveryTickLooks() {
    memory.look(0);
    ByteBuf held = allocator.directBuffer(2 * LIMIT);
    memory.look(20);
    assertFalse(memory.exceeded());
    memory.look(60);
    assertTrue(memory.exceeded());
    held.release();
  }
}
