package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Copies of each length, at odd places, leave what is around them alone. */
@ExtendWith(LeakCheck.class)
final class ShortCopyTest {
  private static final int LONGEST = 3 * ShortCopy.MOST;
  private static final int BEFORE = 3;
  private static final int BEHIND = 5;

  private final Random random = new Random(20);

  private byte[] someBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void bytesOfABufferComeToAnArray() {
    ByteBuf from = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      byte[] source = someBytes(BEFORE + LONGEST + BEHIND);
      from.writeBytes(source);
      for (int length = 0; length <= LONGEST; length++) {
        byte[] to = someBytes(BEHIND + length + BEFORE);
        byte[] right = to.clone();
        System.arraycopy(source, BEFORE, right, BEHIND, length);
        ShortCopy.get(from, BEFORE, to, BEHIND, length);
        assertArrayEquals(right, to, "of " + length);
      }
    } finally {
      from.release();
    }
  }

  @Test
  void bytesOfABufferAreWrittenBehindThoseOfAnother() {
    byte[] source = someBytes(BEFORE + LONGEST + BEHIND);
    ByteBuf heap = Unpooled.wrappedBuffer(source);
    ByteBuf whole = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(source);
    ByteBuf slice = whole.slice(1, whole.readableBytes() - 1);
    try {
      for (int length = 0; length <= LONGEST; length++) {
        byte[] given = Arrays.copyOfRange(source, BEFORE, BEFORE + length);
        isWritten(given, buf -> ShortCopy.write(heap, BEFORE, buf, given.length));
        isWritten(given, buf -> ShortCopy.write(whole, BEFORE, buf, given.length));
        isWritten(given, buf -> ShortCopy.write(slice, BEFORE - 1, buf, given.length));
        isWritten(given, buf -> ShortCopy.write(source, BEFORE, buf, given.length));
      }
      assertEquals(0, whole.readerIndex());
      assertEquals(source.length, whole.writerIndex());
    } finally {
      whole.release();
    }
  }

  @Test
  void bytesThatABufferDoesNotHaveAreNotRead() {
    ByteBuf from = PooledByteBufAllocator.DEFAULT.directBuffer(32, 32);
    ByteBuf to = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      for (int[] place : new int[][] {{-1, 8}, {25, 8}, {31, 2}, {0, 33}, {0, -1}}) {
        int index = place[0];
        int length = place[1];
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> ShortCopy.get(from, index, new byte[64], 0, length));
        assertThrows(
            IndexOutOfBoundsException.class, () -> ShortCopy.write(from, index, to, length));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> ShortCopy.write(new byte[8], 4, to, 8));
      assertEquals(0, to.readableBytes());
    } finally {
      from.release();
      to.release();
    }
  }

  private interface Write {
    void to(ByteBuf buf);
  }

  /** Into a buffer that has no room for it yet. */
  private void isWritten(byte[] given, Write write) {
    ByteBuf to = PooledByteBufAllocator.DEFAULT.directBuffer(BEFORE);
    try {
      byte[] first = someBytes(BEFORE);
      to.writeBytes(first);
      write.to(to);
      write.to(to);
      ByteBuf right = Unpooled.wrappedBuffer(first, given, given);
      assertEquals(ByteBufUtil.hexDump(right), ByteBufUtil.hexDump(to));
    } finally {
      to.release();
    }
  }
}
