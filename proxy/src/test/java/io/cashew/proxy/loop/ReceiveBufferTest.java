package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The receive buffer as a channel uses it: allocate, read, hand on, release. */
@ExtendWith(LeakCheck.class)
final class ReceiveBufferTest {
  private static final ByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;

  private final ReceiveBuffer buffers = new ReceiveBuffer(POOL);
  private final Channel channel = new EmbeddedChannel();

  @AfterEach
  void close() {
    buffers.close();
  }

  private ExtendedHandle handle() {
    ExtendedHandle handle = (ExtendedHandle) buffers.newHandle();
    handle.reset(channel.config());
    return handle;
  }

  private static ByteBuf read(ExtendedHandle handle, String text) {
    ByteBuf buf = handle.allocate(POOL);
    handle.attemptedBytesRead(buf.writableBytes());
    buf.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    handle.lastBytesRead(text.length());
    handle.incMessagesRead(1);
    return buf;
  }

  private static String text(ByteBuf buf) {
    return buf.toString(StandardCharsets.US_ASCII);
  }

  @Test
  void allChannelsReadIntoOneBuffer() {
    ByteBuf first = read(handle(), "first");
    assertEquals("first", text(first));
    first.release();
    ByteBuf second = read(handle(), "second");
    assertSame(first, second);
    assertEquals("second", text(second));
    second.release();
  }

  @Test
  void aBufferThatIsHeldIsNotHandedOut() {
    ByteBuf first = read(handle(), "the value of somebody");
    ByteBuf held = first.retainedSlice(4, 5);
    first.release();
    ByteBuf second = read(handle(), "something else entirely");
    assertNotSame(first, second);
    assertEquals("value", text(held));
    second.release();
    assertSame(second, read(handle(), "x"));
    second.release();
    assertEquals("value", text(held));
    held.release();
    assertEquals(0, first.refCnt());
  }

  /** A read may happen within another: what the first has read is still being looked at. */
  @Test
  void aBufferThatIsBeingReadIsNotHandedOut() {
    ByteBuf outer = read(handle(), "outer");
    ByteBuf inner = read(handle(), "inner");
    assertNotSame(outer, inner);
    assertEquals("outer", text(outer));
    inner.release();
    outer.release();
  }

  @Test
  void aHolderOutlivesTheWorker() {
    ByteBuf held = read(handle(), "held");
    buffers.close();
    buffers.close();
    assertEquals("held", text(held));
    held.release();
    assertEquals(0, held.refCnt());
    ByteBuf late = read(handle(), "late");
    assertEquals("late", text(late));
    late.release();
    assertEquals(0, late.refCnt());
  }

  @Test
  void aFailedAllocationLeavesTheBufferThatWas() {
    Failing allocator = new Failing();
    ReceiveBuffer scarce = new ReceiveBuffer(allocator);
    ExtendedHandle handle = (ExtendedHandle) scarce.newHandle();
    ByteBuf held = handle.allocate(POOL).writeByte('a');
    allocator.failing = true;
    assertThrows(OutOfMemoryError.class, () -> handle.allocate(POOL));
    assertThrows(OutOfMemoryError.class, () -> handle.allocate(POOL));
    held.release();
    ByteBuf again = handle.allocate(POOL);
    assertSame(held, again);
    again.release();
    scarce.close();
  }

  @Test
  void aShortReadEndsTheReading() {
    ExtendedHandle handle = handle();
    read(handle, "short").release();
    assertFalse(handle.continueReading());
    assertFalse(handle.continueReading(() -> true));
  }

  @Test
  void theEndOfAConnectionEndsTheReading() {
    ExtendedHandle handle = handle();
    handle.attemptedBytesRead(-1);
    handle.lastBytesRead(-1);
    assertFalse(handle.continueReading());
  }

  @Test
  void fullReadsGoOnButNotForEver() {
    ExtendedHandle handle = handle();
    String full = "f".repeat(handle.guess());
    for (int i = 1; i <= 4; i++) {
      read(handle, full).release();
      assertEquals(i < 4, handle.continueReading(), "after read " + i);
    }
    handle.reset(channel.config());
    read(handle, full).release();
    assertTrue(handle.continueReading());
  }

  @Test
  void aChannelThatWasPausedGetsNoMore() {
    ExtendedHandle handle = handle();
    read(handle, "f".repeat(handle.guess())).release();
    channel.config().setAutoRead(false);
    assertFalse(handle.continueReading());
  }

  @Test
  void aHandlerThatHasRoomGetsItsOwnBuffer() {
    ByteBuf own = POOL.directBuffer(64);
    AtomicReference<ByteBuf> room = new AtomicReference<>(own);
    ExtendedHandle handle = (ExtendedHandle) buffers.into(() -> room.getAndSet(null)).newHandle();
    handle.reset(channel.config());
    ByteBuf first = read(handle, "f".repeat(own.writableBytes()));
    assertSame(own, first);
    assertTrue(handle.continueReading());
    first.release();
    ByteBuf second = read(handle, "second");
    assertNotSame(own, second);
    assertEquals("second", text(second));
    second.release();
  }

  private static final class Failing extends AbstractByteBufAllocator {
    private boolean failing;

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      if (failing) {
        throw new OutOfMemoryError("as asked for");
      }
      return POOL.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      return POOL.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return true;
    }
  }
}
