package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests that are none: refused at the first byte that cannot be, in Redis's words. */
@ExtendWith(LeakCheck.class)
final class MalformedRequestTest {
  private static final int BEFORE = 5;

  /**
   * One kind of bad input.
   *
   * @param bytes up to and including the first byte at which it can be known to be bad
   */
  private record Row(String what, RespLimits limits, String bytes, String message) {}

  private static Row row(String what, String bytes, String message) {
    return new Row(what, RespLimits.DEFAULT, bytes, "Protocol error: " + message);
  }

  private static Row beforeAuth(String what, String bytes, String message) {
    return new Row(what, RespLimits.BEFORE_AUTH, bytes, "Protocol error: " + message);
  }

  private static final String ARRAY = "invalid multibulk length";
  private static final String BULK = "invalid bulk length";
  private static final String QUOTES = "unbalanced quotes in request";
  private static final String FOREIGN = "this port speaks the protocol of Redis, not ";

  private static final List<Row> ROWS =
      List.of(
          // the type of a request
          row("TLS hello", "\26", FOREIGN + "TLS"),
          row("TLS hello after a request", "*1\r\n$4\r\nPING\r\n\26", FOREIGN + "TLS"),
          row("NUL", "\0", FOREIGN + "bytes of something else"),
          row("control byte", "\1", FOREIGN + "bytes of something else"),
          row("NUL in a line", "PING\0", FOREIGN + "bytes of something else"),
          row("PROXY protocol, version 2", "\r\n\r\n\0", FOREIGN + "bytes of something else"),
          row(
              "PROXY protocol",
              "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
              FOREIGN + "the PROXY protocol"),
          row("PROXY, unknown", "PROXY UNKNOWN\r\n", FOREIGN + "the PROXY protocol"),
          row("SSH", "SSH-2.0-OpenSSH_9.2\r\n", FOREIGN + "SSH"),
          row("HTTP GET", "GET / HTTP/1.1\r\n", FOREIGN + "HTTP"),
          row("HTTP 1.0", "put /a HTTP/1.0\r\n", FOREIGN + "HTTP"),
          row("HTTP 2", "PRI * HTTP/2.0\r\n", FOREIGN + "HTTP"),
          row("HTTP without a digit behind the dot", "GET / HTTP/2\n", FOREIGN + "HTTP"),
          row("HTTP with a method of Redis's", "SET /a HTTP/1.1\r\n", FOREIGN + "HTTP"),
          row("HTTP after an empty line", "\r\nPATCH /a?b HTTP/1.1\r\n", FOREIGN + "HTTP"),
          row("HTTP with quotes", "GET /\"a HTTP/1.1 \r\n", FOREIGN + "HTTP"),
          row("HTTP after a request", "*1\r\n$4\r\nPING\r\nGET / HTTP/1.1\r\n", FOREIGN + "HTTP"),
          row("POST alone", "pOst\r\n", FOREIGN + "HTTP"),
          row("POST with a target", " POST /\r\n", FOREIGN + "HTTP"),
          row("Host header", "Host: a\r\n", FOREIGN + "HTTP"),
          row("Host header without a space", "host:a\n", FOREIGN + "HTTP"),
          row("open quote", "SET k \"v\n", QUOTES),
          row("open single quote", "SET k 'v\\'\n", QUOTES),
          row("quote escaped at the end", "SET k \"v\\\r\n", QUOTES),
          row("text behind a quote", "SET k \"v\"w\n", QUOTES),
          row("quote behind a quote", "SET k 'v''w'\n", QUOTES),
          beforeAuth("typed words", "a b c d e f g h i j k\n", "unauthenticated multibulk length"),
          // the number of arguments
          row("no number", "*\r", ARRAY),
          row("LF for a number", "*\n", ARRAY),
          row("letter", "*a", ARRAY),
          row("letter after a digit", "*1a", ARRAY),
          row("hex", "*0x", ARRAY),
          row("fraction", "*1.", ARRAY),
          row("exponent", "*1e", ARRAY),
          row("space", "* ", ARRAY),
          row("space after", "*1 ", ARRAY),
          row("NUL after", "*1\0", ARRAY),
          row("plus sign", "*+", ARRAY),
          row("two zeros", "*00", ARRAY),
          row("leading zero", "*01", ARRAY),
          row("minus alone", "*-\r", ARRAY),
          row("two minuses", "*--", ARRAY),
          row("minus zero", "*-0", ARRAY),
          row("bare LF", "*1\n", ARRAY),
          row("CR without LF", "*1\r$", ARRAY),
          row("two CRs", "*1\r\r", ARRAY),
          row("CR without LF, two digits", "*10\r1", ARRAY),
          row("one argument too many", "*1048577\r\n", ARRAY),
          row("2 billion", "*2000000000\r\n", ARRAY),
          row("2^31", "*2147483648\r\n", ARRAY),
          row("2^32 + 2", "*4294967298\r\n", ARRAY),
          row("11 digits", "*99999999999", ARRAY),
          row("11 digits, negative", "*-11111111111", ARRAY),
          // the length of an argument
          row("simple string in it", "*1\r\n+", "expected '$', got '+'"),
          row("integer in it", "*1\r\n:", "expected '$', got ':'"),
          row("array in it", "*1\r\n*", "expected '$', got '*'"),
          row("line end in it", "*1\r\n\r", "expected '$', got ' '"),
          row("text in it", "*1\r\nP", "expected '$', got 'P'"),
          row("control byte in it", "*1\r\n\1", "expected '$', got '\\x01'"),
          row("second is none", "*2\r\n$3\r\nGET\r\nk", "expected '$', got 'k'"),
          row(
              "eleventh is none",
              "*11\r\n" + "$1\r\na\r\n".repeat(10) + "#",
              "expected '$', got '#'"),
          row("no length", "*1\r\n$\r", BULK),
          row("LF for a length", "*1\r\n$\n", BULK),
          row("null argument", "*1\r\n$-", BULK),
          row("null second argument", "*2\r\n$3\r\nGET\r\n$-", BULK),
          row("plus sign", "*1\r\n$+", BULK),
          row("letter", "*1\r\n$a", BULK),
          row("letter after a digit", "*1\r\n$4x", BULK),
          row("space", "*1\r\n$ ", BULK),
          row("space after", "*1\r\n$4 ", BULK),
          row("two zeros", "*1\r\n$00", BULK),
          row("leading zero", "*1\r\n$04", BULK),
          row("leading zero in the second", "*2\r\n$3\r\nGET\r\n$03", BULK),
          row("bare LF", "*1\r\n$4\n", BULK),
          row("CR without LF", "*1\r\n$4\rP", BULK),
          row("CR without LF, two digits", "*1\r\n$14\rP", BULK),
          row("streamed string of RESP3", "*1\r\n$?", BULK),
          row("512 MB and a byte", "*1\r\n$536870913\r\n", BULK),
          row("1 GB", "*1\r\n$1073741824\r\n", BULK),
          row("2^31", "*1\r\n$2147483648\r\n", BULK),
          row("2^32 + 3", "*1\r\n$4294967299\r\n", BULK),
          row("11 digits", "*1\r\n$99999999999", BULK),
          // the end of an argument
          row("longer than said", "*1\r\n$3\r\nPING", "expected CRLF after an argument"),
          row(
              "longer than said, long name",
              "*1\r\n$10\r\nPSUBSCRIBEX",
              "expected CRLF after an argument"),
          row(
              "second longer than said",
              "*2\r\n$3\r\nGET\r\n$1\r\nkk",
              "expected CRLF after an argument"),
          row("LF alone after it", "*1\r\n$4\r\nPING\n", "expected CRLF after an argument"),
          row("CR alone after it", "*1\r\n$4\r\nPING\r*", "expected CRLF after an argument"),
          row("NUL after an empty one", "*1\r\n$0\r\n\0", "expected CRLF after an argument"),
          // more than a client gets that has not said who it is
          beforeAuth("11 arguments", "*11\r\n", "unauthenticated multibulk length"),
          beforeAuth("a million arguments", "*1048576\r\n", "unauthenticated multibulk length"),
          beforeAuth("2^31 arguments", "*2147483648\r\n", ARRAY),
          beforeAuth("16 KB and a byte", "*1\r\n$16385\r\n", "unauthenticated bulk length"),
          beforeAuth(
              "16 KB and a byte, second",
              "*2\r\n$4\r\nAUTH\r\n$16385\r\n",
              "unauthenticated bulk length"),
          beforeAuth("512 MB", "*1\r\n$536870912\r\n", "unauthenticated bulk length"),
          beforeAuth("512 MB and a byte", "*1\r\n$536870913\r\n", BULK));

  @TestFactory
  Stream<DynamicTest> badBytesAreRefusedAsSoonAsTheyAreThere() {
    return ROWS.stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.what() + " " + printable(row.bytes()), () -> refusedAtTheLastByte(row)));
  }

  private static void refusedAtTheLastByte(Row row) {
    ByteBuf buf = buffer(bytes(row.bytes()));
    int to = buf.writerIndex();
    try {
      for (int cut = BEFORE; cut < to; cut++) {
        Reader reader = new Reader(buf, row.limits());
        reader.readTo(cut);
        ProtocolException e = assertThrows(ProtocolException.class, () -> reader.readTo(to));
        assertEquals(row.message(), e.getMessage());
      }
      Reader slow = new Reader(buf, row.limits());
      for (int there = BEFORE; there < to; there++) {
        slow.readTo(there);
      }
      ProtocolException e = assertThrows(ProtocolException.class, () -> slow.readTo(to));
      assertEquals(row.message(), e.getMessage());
    } finally {
      buf.release();
    }
  }

  /** What comes behind a bad byte changes nothing: a length may go on for as long as it likes. */
  @Test
  void whatFollowsABadByteIsNotRead() {
    for (Row row : ROWS) {
      for (String more : List.of("1", "0".repeat(40), "9".repeat(64 << 10), "\r\n$1\r\na\r\n")) {
        ByteBuf buf = buffer(bytes(row.bytes() + more));
        Reader reader = new Reader(buf, row.limits());
        ProtocolException e =
            assertThrows(ProtocolException.class, () -> reader.readTo(buf.writerIndex()));
        assertEquals(row.message(), e.getMessage(), row.what());
        buf.release();
      }
    }
  }

  /** A few bytes announce gigabytes: nothing is taken for them before they are there. */
  @Test
  void lengthsAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<String> announcements =
        List.of(
            "*1048576\r\n$1\r\na\r\n",
            "*2\r\n$536870912\r\na",
            "*2000000000\r\n",
            "*1\r\n$4294967299\r\n",
            "*" + "9".repeat(64 << 10));
    for (String announcement : announcements) {
      ByteBuf buf = buffer(bytes(announcement));
      Reader warm = new Reader(buf, RespLimits.DEFAULT);
      warm.readOrRefuse(buf.writerIndex());
      Reader reader = new Reader(buf, RespLimits.DEFAULT);
      long before = threads.getCurrentThreadAllocatedBytes();
      reader.readOrRefuse(buf.writerIndex());
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < 16 << 10, allocated + " bytes for " + printable(announcement));
      buf.release();
    }
  }

  /**
   * Whatever is accepted is in the one canonical form: written anew from its arguments it is the
   * same to the byte. So no node can read in it anything else than was read here.
   */
  @Test
  void whatIsAcceptedIsCanonicalWhateverComes() {
    long seed = Seeds.of(2);
    Random random = new Random(seed);
    int accepted = 0;
    for (int round = 0; round < 60_000; round++) {
      byte[] bytes =
          round % 4 == 0
              ? RandomBytes.garbage(random)
              : RandomBytes.damaged(RandomBytes.request(random).bytes, random);
      ByteBuf buf = buffer(bytes);
      Reader reader = new Reader(buf, round % 3 == 0 ? RespLimits.BEFORE_AUTH : RespLimits.DEFAULT);
      int to = BEFORE;
      while (to < buf.writerIndex() && !reader.refused) {
        to = Math.min(buf.writerIndex(), to + 1 + random.nextInt(30));
        reader.readOrRefuse(to);
      }
      Reader atOnce = new Reader(buf, reader.limits);
      atOnce.readOrRefuse(buf.writerIndex());
      String why = "round " + round + " of seed " + seed + ": " + printable(text(bytes));
      assertEquals(atOnce.frames, reader.frames, why);
      assertEquals(atOnce.refused, reader.refused, why);
      for (String frame : reader.frames) {
        assertFalse(frame.startsWith("!"), why);
      }
      accepted += reader.frames.size();
      buf.release();
    }
    assertTrue(accepted > 1000, "the generator makes requests that are accepted: " + accepted);
  }

  private static ByteBuf buffer(byte[] bytes) {
    return ByteBufAllocator.DEFAULT
        .directBuffer(BEFORE + bytes.length)
        .writeBytes(new byte[BEFORE])
        .writeBytes(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String printable(String text) {
    String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return shown.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
  }

  /** Reads whole requests as they come; those that are not canonical are marked with a "!". */
  private static final class Reader {
    private final ByteBuf buf;
    private final RespLimits limits;
    private final RequestDecoder decoder;
    private final RequestFrame frame = new RequestFrame();
    private final List<String> frames = new ArrayList<>();
    private int at = BEFORE;
    private boolean refused;

    Reader(ByteBuf buf, RespLimits limits) {
      this.buf = buf;
      this.limits = limits;
      decoder = new RequestDecoder(limits);
    }

    void readTo(int to) {
      while (decoder.decode(buf, at, to, frame)) {
        frames.add(canonical());
        at = frame.next();
      }
    }

    void readOrRefuse(int to) {
      try {
        readTo(to);
      } catch (ProtocolException e) {
        refused = true;
      }
    }

    private String canonical() {
      byte[] raw = ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length());
      List<byte[]> arguments = new ArrayList<>();
      for (int i = 0; i < frame.argc(); i++) {
        arguments.add(ByteBufUtil.getBytes(frame.buf(), frame.offset(i), frame.length(i)));
      }
      boolean same =
          arguments.isEmpty()
              ? text(raw).matches("(\\*(0|-[1-9][0-9]{0,9})\r\n)?")
              : Arrays.equals(Layout.of(arguments).bytes, raw);
      return (same ? "" : "!") + text(raw);
    }
  }
}
