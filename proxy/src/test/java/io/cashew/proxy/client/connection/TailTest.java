package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class TailTest {
  private static final String PIECE = "p".repeat(40_000);

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

  private void receive(ByteBuf room, String text) {
    room.writeCharSequence(text, StandardCharsets.US_ASCII);
    tail.append(room, 0, text.length(), 0);
    room.release();
  }

  @Test
  void whatIsReceivedIntoItsRoomStaysWhereItIs() {
    append(PIECE, 80_000);
    long address = bytes().memoryAddress();
    ByteBuf first = room();
    assertEquals(0, first.readableBytes());
    receive(first, "q".repeat(10_000));
    receive(room(), PIECE.substring(10_000));
    assertEquals(PIECE + "q".repeat(10_000) + PIECE.substring(10_000), text());
    assertEquals(address, bytes().memoryAddress());
    assertEquals(1, bytes().refCnt());
    assertNull(tail.room());
  }

  @Test
  void whatIsReceivedElsewhereIsCopied() {
    append(PIECE, 80_000);
    room().release();
    append("x".repeat(70_000), 0);
    assertEquals(PIECE + "x".repeat(70_000), text());
  }

  /** A read may have begun before the bytes that wait were taken, or moved. */
  @Test
  void whatComesLateIsCopied() {
    append(PIECE, 80_000);
    ByteBuf beforeDrop = room();
    tail.drop();
    append("a", 0);
    receive(beforeDrop, "b".repeat(300));
    assertEquals("a" + "b".repeat(300), text());
    append(PIECE, 0);
    tail.drop();
    append(PIECE, 80_000);
    ByteBuf beforeMove = room();
    append("c".repeat(50_000), 0);
    receive(beforeMove, "d".repeat(20_000));
    assertEquals(PIECE + "c".repeat(50_000) + "d".repeat(20_000), text());
  }

  @Test
  void announcedBytesAreBelievedUpToAMultipleOfWhatHasCome() {
    append(PIECE, 1 << 30);
    assertEquals(80_000, bytes().capacity());
  }

  @Test
  void noMoreIsReceivedAtATimeThanOthersCanWaitFor() {
    append("x".repeat(600_000), 0);
    append("x".repeat(60_000), 0); // and it has doubled
    ByteBuf room = room();
    assertEquals(Intake.STREAM_FROM, room.capacity());
    room.release();
  }

  /** Else the last byte would cost a read, and perhaps a copy of all the others. */
  @Test
  void aRequestFitsToItsLastByte() {
    String request = "*2\r\n$4\r\nECHO\r\n$65000\r\n" + "x".repeat(65_000) + "\r\n";
    ByteBuf from = PooledByteBufAllocator.DEFAULT.directBuffer();
    from.writeCharSequence(request, StandardCharsets.US_ASCII);
    RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    assertFalse(decoder.decode(from, 0, PIECE.length(), new RequestFrame()));
    tail.append(from, 0, PIECE.length(), decoder.needed());
    assertEquals(request.length(), bytes().capacity());
    from.release();
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
    ByteBuf held = before.retainedSlice(0, 39_000);
    before.readerIndex(39_000);
    append("y".repeat(50_000), 0);
    assertEquals("p".repeat(1000) + "y".repeat(50_000), text());
    assertEquals("p".repeat(39_000), held.toString(StandardCharsets.US_ASCII));
    held.release();
    assertEquals(0, before.refCnt());
  }
}
