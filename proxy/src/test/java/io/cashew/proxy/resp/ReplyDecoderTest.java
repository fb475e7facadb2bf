package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where replies end, in every way of cutting their bytes; and what is no reply. */
@ExtendWith(LeakCheck.class)
final class ReplyDecoderTest {
  private static final long MAX_BULK = 512L << 20;

  /** What stands before the reply in every buffer here. */
  private static final int BEFORE = 7;

  private static final List<String> REPLIES =
      List.of(
          "+OK\r\n",
          "+\r\n",
          "+QUEUED with spaces, \0 and \377\r\n",
          "+" + "s".repeat(ReplyDecoder.MAX_LINE) + "\r\n",
          "-ERR unknown command 'x'\r\n",
          "-\r\n",
          ":0\r\n",
          ":7\r\n",
          ":-1\r\n",
          ":1000\r\n",
          ":9223372036854775807\r\n",
          ":-9223372036854775808\r\n",
          "$-1\r\n",
          "$0\r\n\r\n",
          "$1\r\na\r\n",
          "$2\r\n\r\n\r\n",
          "$9\r\n123456789\r\n",
          "$10\r\n1234567890\r\n",
          "$13\r\n$4\r\nabcd\r\n+\r\n\r\n",
          "$300\r\n" + "v".repeat(300) + "\r\n",
          "$30000\r\n" + "v".repeat(30_000) + "\r\n",
          "*0\r\n",
          "*-1\r\n",
          "*1\r\n$-1\r\n",
          "*1\r\n*0\r\n",
          "*1\r\n*-1\r\n",
          "*3\r\n$1\r\na\r\n$-1\r\n$0\r\n\r\n",
          "*5\r\n+OK\r\n-ERR in it\r\n:-5\r\n*2\r\n$2\r\nab\r\n*1\r\n:1\r\n$3\r\nabc\r\n",
          "*12\r\n" + "$4\r\nabcd\r\n".repeat(12),
          "*2\r\n*3\r\n:1\r\n:2\r\n*0\r\n*2\r\n*-1\r\n+end\r\n",
          "*1\r\n".repeat(9) + ":1\r\n",
          "*1\r\n".repeat(ReplyDecoder.MAX_DEPTH) + "$1\r\na\r\n",
          "*1\r\n".repeat(ReplyDecoder.MAX_DEPTH - 1) + "*0\r\n",
          "*2\r\n".repeat(20) + ":1\r\n" + ":1\r\n".repeat(20));

  @TestFactory
  Stream<DynamicTest> everyCutEndsAtTheSameIndex() {
    return REPLIES.stream()
        .map(reply -> DynamicTest.dynamicTest(printable(reply), () -> cutEverywhere(reply)));
  }

  private static void cutEverywhere(String reply) {
    String following = "$1\r\nx\r\n"; // a reply ends where it ends, not where the bytes do
    ByteBuf buf = buffer(bytes(reply + following));
    int end = BEFORE + reply.length();
    try {
      for (int cut = BEFORE; cut < end; cut = nextCut(cut, end)) {
        ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
        assertEquals(-1, decoder.feed(buf, BEFORE, cut));
        assertEquals(cut == BEFORE, decoder.atStart());
        assertEquals(end, decoder.feed(buf, cut, buf.writerIndex()));
        assertTrue(decoder.atStart());
        assertEquals(buf.writerIndex(), decoder.feed(buf, end, buf.writerIndex()));
      }
    } finally {
      buf.release();
    }
  }

  @Test
  void oneByteAtATimeEndsAtTheSameIndex() {
    String all = String.join("", REPLIES);
    ByteBuf buf = buffer(bytes(all));
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    int at = BEFORE;
    for (String reply : REPLIES) {
      int end = at + reply.length();
      assertTrue(decoder.atStart());
      for (; at < end - 1; at++) {
        assertEquals(-1, decoder.feed(buf, at, at + 1), printable(reply));
        assertFalse(decoder.atStart());
      }
      assertEquals(end, decoder.feed(buf, at, at + 1), printable(reply));
      at = end;
    }
    buf.release();
  }

  @Test
  void noBytesAreNoProgress() {
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    ByteBuf buf = buffer(bytes("+OK\r\n"));
    assertEquals(-1, decoder.feed(buf, BEFORE, BEFORE));
    assertTrue(decoder.atStart());
    buf.release();
  }

  @Test
  void whatIsLeftOfABulkIsKnown() {
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    ByteBuf buf = buffer(bytes("*2\r\n$20\r\n" + "v".repeat(20) + "\r\n:1\r\n"));
    assertEquals(-1, decoder.feed(buf, BEFORE, BEFORE + 9));
    assertEquals(20, decoder.bulkLeft());
    assertEquals(-1, decoder.feed(buf, BEFORE + 9, BEFORE + 14));
    assertEquals(15, decoder.bulkLeft());
    assertEquals(-1, decoder.feed(buf, BEFORE + 14, BEFORE + 30));
    assertEquals(0, decoder.bulkLeft());
    assertEquals(buf.writerIndex(), decoder.feed(buf, BEFORE + 30, buf.writerIndex()));
    buf.release();
  }

  /** A bulk of half a gigabyte passes as pieces of a small buffer; nothing of it is kept. */
  @Test
  void theLargestBulkPasses() {
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    ByteBuf buf = ByteBufAllocator.DEFAULT.directBuffer(64 << 10).writeZero(64 << 10);
    ByteBuf header = buffer(bytes("$536870912\r\n"));
    assertEquals(-1, decoder.feed(header, BEFORE, header.writerIndex()));
    for (int i = 0; i < MAX_BULK / (64 << 10); i++) {
      assertEquals(-1, decoder.feed(buf, 0, 64 << 10));
    }
    assertEquals(0, decoder.bulkLeft());
    ByteBuf end = buffer(bytes("\r\n"));
    assertEquals(end.writerIndex(), decoder.feed(end, BEFORE, end.writerIndex()));
    end.release();
    header.release();
    buf.release();
  }

  /**
   * One kind of bad reply.
   *
   * @param bytes up to and including the first byte at which it is known to be bad
   */
  private record Row(String what, String bytes) {}

  private static Row row(String what, String bytes) {
    return new Row(what, bytes);
  }

  private static final List<Row> MALFORMED =
      List.of(
          // the type
          row("NUL", "\0"),
          row("bare LF", "\n"),
          row("CRLF", "\r"),
          row("text", "O"),
          row("HTTP", "H"),
          row("inline number", "1"),
          row("a byte beyond ASCII", "\377"),
          row("RESP3 null", "_"),
          row("RESP3 boolean", "#"),
          row("RESP3 double", ","),
          row("RESP3 big number", "("),
          row("RESP3 bulk error", "!"),
          row("RESP3 verbatim string", "="),
          row("RESP3 map", "%"),
          row("RESP3 set", "~"),
          row("RESP3 attribute", "|"),
          row("RESP3 push", ">"),
          row("RESP3 end of a stream", "."),
          row("no type in an array", "*2\r\n:1\r\n1"),
          row("RESP3 null in an array", "*1\r\n_"),
          row("more than the bulk said", "*2\r\n$1\r\na\r\nb"),
          // lines of text
          row("simple string with bare LF", "+OK\n"),
          row("simple string with CR alone", "+OK\rx"),
          row("simple string with two CRs", "+OK\r\r"),
          row("error with bare LF", "-ERR\n"),
          row("error with CR alone", "-ERR\r-"),
          row("simple string over 64 KB", "+" + "s".repeat(ReplyDecoder.MAX_LINE + 1)),
          row("error over 64 KB", "-" + "s".repeat(ReplyDecoder.MAX_LINE + 1)),
          row("line over 64 KB in an array", "*1\r\n+" + "s".repeat(ReplyDecoder.MAX_LINE + 1)),
          // integers
          row("integer without digits", ":\r"),
          row("integer that is LF", ":\n"),
          row("integer of a minus", ":-\r"),
          row("integer with a plus", ":+"),
          row("integer with two minuses", ":--"),
          row("integer with a minus behind", ":1-"),
          row("integer with a letter", ":1a"),
          row("integer with a fraction", ":1."),
          row("integer with a space before", ": "),
          row("integer with a space behind", ":1 "),
          row("integer with bare LF", ":1\n"),
          row("integer with CR alone", ":1\r:"),
          row("integer with a leading zero", ":01"),
          row("integer of two zeros", ":00"),
          row("integer minus zero", ":-0"),
          row("2^63", ":9223372036854775808"),
          row("-2^63 - 1", ":-9223372036854775809"),
          row("integer of 20 digits", ":99999999999999999999".substring(0, 20)),
          row("integer in an array", "*2\r\n:1\r\n:x"),
          // bulks
          row("bulk without a length", "$\r"),
          row("bulk with the length LF", "$\n"),
          row("bulk of -2", "$-2\r"),
          row("bulk of -10", "$-10\r"),
          row("bulk of minus", "$-\r"),
          row("bulk of minus zero", "$-0"),
          row("bulk of plus one", "$+"),
          row("bulk of a letter", "$a"),
          row("bulk of hex", "$0x"),
          row("streamed string of RESP3", "$?"),
          row("bulk with a leading zero", "$01"),
          row("bulk of two zeros", "$00"),
          row("bulk of a space", "$ "),
          row("length with bare LF", "$1\n"),
          row("length with CR alone", "$1\ra"),
          row("length of two digits with CR alone", "$10\ra"),
          row("512 MB and a byte", "$536870913\r"),
          row("2^32 + 3", "$4294967299\r"),
          row("2^63", "$9223372036854775808"),
          row("longer than said", "$3\r\nabcd"),
          row("longer than said by a line", "$3\r\nabcd\r\n".substring(0, 8)),
          row("long and longer than said", "$12\r\nabcdefghijkl-"),
          row("shorter than said", "$3\r\na\r\n+"),
          row("bulk with bare LF behind", "$3\r\nabc\n"),
          row("bulk with CR alone behind", "$3\r\nabc\r$"),
          row("long bulk with CR alone behind", "$12\r\nabcdefghijkl\r\r"),
          row("empty bulk with text behind", "$0\r\na"),
          row("null bulk with CR alone", "$-1\r$"),
          // arrays
          row("array without a size", "*\r"),
          row("array of LF", "*\n"),
          row("array of -2", "*-2\r"),
          row("array of minus zero", "*-0"),
          row("array of plus one", "*+"),
          row("array with a leading zero", "*02"),
          row("array of a letter", "*a"),
          row("streamed array of RESP3", "*?"),
          row("size with bare LF", "*1\n"),
          row("size with CR alone", "*1\r$"),
          row("2^31 elements", "*2147483648\r"),
          row("2^32 + 2 elements", "*4294967298\r"),
          row("array of 20 digits", "*99999999999999999999".substring(0, 20)),
          row("array too deep", "*1\r\n".repeat(ReplyDecoder.MAX_DEPTH + 1)),
          row("empty array too deep", "*1\r\n".repeat(ReplyDecoder.MAX_DEPTH) + "*0\r\n"),
          row("two elements, array too deep", "*2\r\n".repeat(ReplyDecoder.MAX_DEPTH + 1)));

  @TestFactory
  Stream<DynamicTest> badBytesAreRefusedAsSoonAsTheyAreThere() {
    return MALFORMED.stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.what() + " " + printable(row.bytes()), () -> refusedAtTheLastByte(row)));
  }

  private static void refusedAtTheLastByte(Row row) {
    // What a client would be glad to read comes behind it, and must not be reached.
    ByteBuf buf = buffer(bytes(row.bytes() + "\r\n+OK\r\n$1\r\na\r\n"));
    int bad = BEFORE + row.bytes().length() - 1;
    try {
      for (int cut = BEFORE; cut <= bad; cut = nextCut(cut, bad)) {
        ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
        assertEquals(-1, decoder.feed(buf, BEFORE, cut), "up to " + (cut - BEFORE));
        int from = cut;
        assertThrows(ProtocolException.class, () -> decoder.feed(buf, from, buf.writerIndex()));
      }
      ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
      for (int at = BEFORE; at < bad; at++) {
        assertEquals(-1, decoder.feed(buf, at, at + 1));
      }
      assertThrows(ProtocolException.class, () -> decoder.feed(buf, bad, bad + 1));
    } finally {
      buf.release();
    }
  }

  @Test
  void lengthsAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (String reply :
        List.of("*2147483647\r\n", "$536870911\r\n", "*2147483647\r\n".repeat(128))) {
      ByteBuf buf = buffer(bytes(reply));
      new ReplyDecoder(MAX_BULK, false).feed(buf, BEFORE, buf.writerIndex());
      ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
      long before = threads.getCurrentThreadAllocatedBytes();
      assertEquals(-1, decoder.feed(buf, BEFORE, buf.writerIndex()));
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < 8 << 10, allocated + " bytes for " + printable(reply));
      buf.release();
    }
  }

  /** A large reply is read once, however it is cut, and the inside of its bulks not at all. */
  @Test
  void workGrowsWithTheBytes() {
    byte[] many = bytes("*5000\r\n" + "$10\r\n1234567890\r\n".repeat(5000));
    CountingBuf buf = new CountingBuf(many.length);
    buf.writeBytes(many);
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    for (int at = 0; at < many.length - 1; at++) {
      assertEquals(-1, decoder.feed(buf, at, at + 1));
    }
    assertTrue(buf.bytesRead <= many.length, buf.bytesRead + " of " + many.length);
    buf.release();
  }

  @Test
  void wellFormedRepliesSurviveEveryRandomCutting() {
    long seed = Seeds.of(3);
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      byte[] reply = RandomBytes.reply(random, 4);
      String why = "round " + round + " of seed " + seed;
      assertEquals(reply.length, new ReferenceReplies(reply, MAX_BULK).end(0), why);
      assertEquals(reply.length, endInPieces(reply, random), why);
    }
  }

  /**
   * Garbage, and streams of replies with bytes changed: nothing else than a protocol exception is
   * ever thrown, and every end that is reported is the one that a plain reader of the same bytes
   * finds. What that reader refuses is refused.
   */
  @Test
  void damagedRepliesEndWhereAPlainReaderSaysOrAreRefused() {
    long seed = Seeds.of(4);
    Random random = new Random(seed);
    int whole = 0;
    int refused = 0;
    for (int round = 0; round < 60_000; round++) {
      byte[] bytes =
          round % 4 == 0
              ? RandomBytes.garbage(random)
              : RandomBytes.damaged(RandomBytes.reply(random, 3), random);
      String why = "round " + round + " of seed " + seed + ": " + printable(text(bytes));
      int expected = new ReferenceReplies(bytes, MAX_BULK).end(0);
      int end;
      try {
        end = endInPieces(bytes, random);
      } catch (ProtocolException e) {
        // A line that cannot become right is refused before its end, which the plain reader awaits.
        assertTrue(expected < 0, why);
        refused++;
        continue;
      }
      assertEquals(expected, end, why);
      whole += end >= 0 ? 1 : 0;
    }
    assertTrue(whole > 1000, "whole replies among the damaged: " + whole);
    assertTrue(refused > 1000, "refused ones: " + refused);
  }

  /** Index after the first reply, fed in pieces of random sizes; -1 if it does not end. */
  private static int endInPieces(byte[] bytes, Random random) {
    ByteBuf buf = buffer(bytes);
    try {
      ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
      int largest = random.nextBoolean() ? 4 : 200;
      int at = BEFORE;
      int end = -1;
      while (end < 0 && at < buf.writerIndex()) {
        int to = Math.min(buf.writerIndex(), at + 1 + random.nextInt(largest));
        end = decoder.feed(buf, at, to);
        at = to;
      }
      return end < 0 ? -1 : end - BEFORE;
    } finally {
      buf.release();
    }
  }

  /** Every cut; within the plain text of the longest lines, which is read again for each, some. */
  private static int nextCut(int cut, int end) {
    boolean within = cut > BEFORE + 1000 && cut < end - 1000;
    return within ? cut + 499 : cut + 1;
  }

  private static ByteBuf buffer(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(bytes("$1\r\na\r\n"));
    out.writeBytes(bytes);
    return ByteBufAllocator.DEFAULT.directBuffer(out.size()).writeBytes(out.toByteArray());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String printable(String text) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "… " + text.length() : text;
    return shown.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
  }
}
