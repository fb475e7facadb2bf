package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class SpareBuffersTest {
  private static final int MOST = 3;
  private static final int MAX_CAPACITY = 64;

  private final SpareBuffers spare =
      new SpareBuffers(UnpooledByteBufAllocator.DEFAULT, 16, MAX_CAPACITY, MOST);

  @AfterEach
  void close() {
    spare.close();
  }

  @Test
  void aBufferKeepsItsCapacityAndLosesItsBytes() {
    ByteBuf buffer = spare.take();
    assertEquals(16, buffer.capacity());
    buffer.writeZero(MAX_CAPACITY);
    spare.give(buffer);
    assertSame(buffer, spare.take());
    assertEquals(0, buffer.readableBytes());
    assertEquals(MAX_CAPACITY, buffer.capacity());
    spare.give(buffer);
  }

  @Test
  void theLastOneGivenIsTheFirstTaken() {
    ByteBuf first = spare.take();
    ByteBuf last = spare.take();
    spare.give(first);
    spare.give(last);
    assertSame(last, spare.take());
    spare.give(last);
  }

  @Test
  void whatHasGrownTooLargeIsNotKept() {
    ByteBuf buffer = spare.take();
    buffer.writeZero(MAX_CAPACITY + 1);
    spare.give(buffer);
    assertEquals(0, buffer.refCnt());
  }

  @Test
  void whatSomebodyElseHoldsIsLeftToThem() {
    ByteBuf buffer = spare.take();
    ByteBuf slice = buffer.writeZero(8).retainedSlice(2, 4);
    spare.give(buffer);
    ByteBuf another = spare.take();
    assertNotSame(buffer, another);
    spare.give(another);
    slice.release();
    assertEquals(0, buffer.refCnt());
  }

  @Test
  void noMoreAreKeptThanTheLimit() {
    List<ByteBuf> buffers = List.of(spare.take(), spare.take(), spare.take(), spare.take());
    buffers.forEach(spare::give);
    assertEquals(MOST, buffers.stream().filter(buffer -> buffer.refCnt() == 1).count());
  }

  @Test
  void nothingIsKeptAfterTheEnd() {
    ByteBuf before = spare.take();
    ByteBuf after = spare.take();
    spare.give(before);
    spare.close();
    assertEquals(0, before.refCnt());
    spare.give(after);
    assertEquals(0, after.refCnt());
  }
}
