package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class RepliesTest {

  private static String written(Consumer<ByteBuf> write) {
    ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer();
    try {
      write.accept(out);
      return out.toString(StandardCharsets.ISO_8859_1);
    } finally {
      out.release();
    }
  }

  private static void assertDecimal(long value) {
    assertEquals(Long.toString(value), written(out -> Replies.writeDecimal(out, value)));
  }

  @Test
  void decimalsAreRightAtEveryChangeOfLength() {
    assertDecimal(0);
    assertDecimal(Long.MAX_VALUE);
    assertDecimal(Long.MIN_VALUE);
    assertDecimal(Long.MIN_VALUE + 1);
    long power = 1;
    for (int digits = 1; digits <= 19; digits++) {
      for (long value : new long[] {power - 1, power, power + 1}) {
        assertDecimal(value);
        assertDecimal(-value);
      }
      power *= 10;
    }
  }

  @Test
  void decimalsAreRightForRandomNumbers() {
    Random random = new Random(Seeds.of(5));
    for (int i = 0; i < 10_000; i++) {
      assertDecimal(random.nextLong() >> random.nextInt(64));
    }
  }

  @Test
  void integersHeadersAndBulksAreCanonical() {
    assertEquals(":-7\r\n", written(out -> Replies.writeInteger(out, -7)));
    assertEquals("*0\r\n", written(out -> Replies.writeArrayHeader(out, 0)));
    assertEquals("$12\r\n", written(out -> Replies.writeBulkHeader(out, 12)));
    assertEquals("$0\r\n\r\n", written(out -> Replies.writeBulk(out, "")));
    assertEquals(
        "$3\r\n\r\n\0\r\n", written(out -> Replies.writeBulk(out, new byte[] {'\r', '\n', 0})));
  }

  /** A length counts bytes and not letters. */
  @Test
  void bulksOfTextAreUtf8() {
    assertEquals("$2\r\n\u00c3\u00a9\r\n", written(out -> Replies.writeBulk(out, "\u00e9")));
  }

  @Test
  void bulksOfABufferLeaveItAsItIs() {
    ByteBuf from = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(Replies.bytes("..value.."));
    assertEquals("$5\r\nvalue\r\n", written(out -> Replies.writeBulk(out, from, 2, 5)));
    assertEquals(0, from.readerIndex());
    assertEquals(9, from.writerIndex());
    assertEquals(1, from.refCnt());
    from.release();
  }

  /** An error that quotes a client's bytes is still one line. */
  @Test
  void lineEndsInAnErrorBecomeSpaces() {
    assertEquals(
        "-ERR unknown command 'a  +OK  b'\r\n",
        new String(
            Replies.error("ERR unknown command 'a\r\n+OK\r\nb'"), StandardCharsets.ISO_8859_1));
    assertEquals(
        "-ERR  a \r\n", new String(Replies.error("ERR \ra\n"), StandardCharsets.ISO_8859_1));
  }

  @Test
  void simpleStringsAreOneLine() {
    assertEquals("+OK\r\n", new String(Replies.simple("OK"), StandardCharsets.ISO_8859_1));
  }
}
