package io.cashew.proxy.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class TailTest {
  private static final String PIECE = "p".repeat(10_000);

  private final Tail tail = new Tail(PooledByteBufAllocator.DEFAULT);

  @AfterEach
  void drop() {
    tail.drop();
  }

  private void append(String text, int needed) {
    ByteBuf from = PooledByteBufAllocator.DEFAULT.directBuffer();
    from.writeCharSequence(text, StandardCharsets.US_ASCII);
    tail.append(from, 0, text.length(), needed);
    from.release();
  }

  private ByteBuf bytes() {
    ByteBuf bytes = tail.bytes();
    assertNotNull(bytes);
    return bytes;
  }

  private String text() {
    return bytes().toString(StandardCharsets.US_ASCII);
  }

  private ByteBuf room() {
    ByteBuf room = tail.room();
    assertNotNull(room);
    return room;
  }

  @Test
  void nothingHasNoRoom() {
    assertNull(tail.bytes());
    assertNull(tail.room());
  }

  @Test
  void whatIsReceivedIntoItsRoomStaysWhereItIs() {
    append(PIECE, 30_000);
    long address = bytes().memoryAddress();
    for (int i = 2; i <= 3; i++) {
      ByteBuf room = room();
      assertEquals(0, room.readableBytes());
      room.writeCharSequence(PIECE, StandardCharsets.US_ASCII);
      tail.append(room, 0, PIECE.length(), 30_000);
      room.release();
      assertEquals(PIECE.repeat(i), text());
    }
    assertEquals(address, bytes().memoryAddress());
    assertEquals(1, bytes().refCnt());
  }

  @Test
  void whatIsReceivedElsewhereIsCopied() {
    append(PIECE, 30_000);
    room().release();
    append("x".repeat(25_000), 35_000);
    assertEquals(PIECE + "x".repeat(25_000), text());
  }

  @Test
  void announcedBytesAreBelievedUpToAMultipleOfWhatHasCome() {
    append(PIECE, 1 << 30);
    assertEquals(40_000, bytes().capacity());
  }

  @Test
  void aLittleRoomIsNone() {
    append(PIECE, PIECE.length() + 1000);
    assertNull(tail.room());
  }

  /** A request that has been read may be on its way to its node, as a slice. */
  @Test
  void bytesThatSomebodyHoldsAreNotMoved() {
    append(PIECE, PIECE.length());
    ByteBuf before = bytes();
    ByteBuf held = before.retainedSlice(0, 9000);
    before.readerIndex(9000);
    append("y".repeat(50_000), 0);
    assertEquals("p".repeat(1000) + "y".repeat(50_000), text());
    assertEquals("p".repeat(9000), held.toString(StandardCharsets.US_ASCII));
    held.release();
    assertEquals(0, before.refCnt());
  }
}
