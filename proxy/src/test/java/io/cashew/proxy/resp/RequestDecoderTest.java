package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are well-formed, in every way of cutting their bytes. */
@ExtendWith(LeakCheck.class)
final class RequestDecoderTest {
  /** What stands before the first request in every buffer here: it looks like a header. */
  private static final byte[] BEFORE = "*1\r\n$".getBytes(StandardCharsets.US_ASCII);

  private record Sample(String name, Layout... requests) {
    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (Layout request : requests) {
        out.writeBytes(request.bytes);
      }
      return out.toByteArray();
    }
  }

  private static String[] numbered(String command, int arguments) {
    return Stream.concat(
            Stream.of(command), IntStream.range(0, arguments).mapToObj(i -> "argument:" + i))
        .toArray(String[]::new);
  }

  private static String everyByte() {
    StringBuilder all = new StringBuilder();
    for (int b = 0; b < 256; b++) {
      all.append((char) b);
    }
    return all.toString();
  }

  private static final List<Sample> SAMPLES =
      List.of(
          new Sample("one short argument", Layout.of("PING")),
          new Sample("one empty argument", Layout.of("")),
          new Sample("empty arguments only", Layout.of("", "", "")),
          new Sample("empty value", Layout.of("SET", "key", "")),
          new Sample("empty name", Layout.of("", "key")),
          new Sample("two arguments", Layout.of("GET", "k")),
          new Sample("name of nine letters", Layout.of("RANDOMKEY")),
          new Sample("name of ten letters", Layout.of("PSUBSCRIBE", "p")),
          new Sample("argument of nine bytes", Layout.of("GET", "123456789")),
          new Sample("argument of ten bytes", Layout.of("GET", "1234567890")),
          new Sample(
              "arguments of 99 and 100 bytes", Layout.of("SET", "k".repeat(99), "v".repeat(100))),
          new Sample("nine arguments", Layout.of(numbered("MGET", 8))),
          new Sample("ten arguments", Layout.of(numbered("MGET", 9))),
          new Sample("a hundred arguments", Layout.of(numbered("DEL", 99))),
          new Sample("line ends inside", Layout.of("SET", "\r\n", "\r\n$3\r\n*1\r\n\n\r")),
          new Sample("line ends at the edges", Layout.of("\rSET\n", "\n", "\r")),
          new Sample("every byte", Layout.of("SET", "key", everyByte())),
          new Sample("large value", Layout.of("SET", "key", "v".repeat(40_000))),
          new Sample("large value first", Layout.of("v".repeat(20_000), "key", "")),
          new Sample(
              "several requests",
              Layout.of("PING"),
              Layout.of("SET", "a", "b"),
              Layout.of(),
              Layout.of("GET", ""),
              Layout.of(numbered("MSET", 20)),
              Layout.of("ECHO", "x".repeat(300)),
              Layout.of("PING")));

  @TestFactory
  Stream<DynamicTest> everyCutGivesTheSameFrames() {
    return SAMPLES.stream().map(s -> DynamicTest.dynamicTest(s.name(), () -> cutEverywhere(s)));
  }

  private static void cutEverywhere(Sample sample) {
    byte[] bytes = sample.bytes();
    ByteBuf buf = buffer(bytes);
    try {
      for (int cut = 0; cut <= bytes.length; cut++) {
        Reader reader = new Reader(sample, buf);
        reader.readTo(cut);
        reader.readTo(bytes.length);
        reader.assertAtEnd();
      }
    } finally {
      buf.release();
    }
  }

  @TestFactory
  Stream<DynamicTest> oneByteAtATimeGivesTheSameFrames() {
    return SAMPLES.stream().map(s -> DynamicTest.dynamicTest(s.name(), () -> byteByByte(s)));
  }

  private static void byteByByte(Sample sample) {
    byte[] bytes = sample.bytes();
    ByteBuf buf = buffer(bytes);
    try {
      Reader reader = new Reader(sample, buf);
      for (int to = 0; to <= bytes.length; to++) {
        reader.readTo(to);
      }
      reader.assertAtEnd();
    } finally {
      buf.release();
    }
  }

  /** Bytes move when a request that is not complete is copied from one buffer to another. */
  @Test
  void theBytesMayHaveMovedBetweenCalls() {
    byte[] bytes = Layout.of("SET", "some:key", "v".repeat(50)).bytes;
    for (int cut = 0; cut < bytes.length; cut++) {
      RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
      RequestFrame frame = new RequestFrame();
      ByteBuf received = ByteBufAllocator.DEFAULT.heapBuffer().writeBytes(bytes, 0, cut);
      assertFalse(decoder.decode(received, 0, cut, frame));
      received.release();
      ByteBuf kept = buffer(bytes);
      assertTrue(decoder.decode(kept, BEFORE.length, kept.writerIndex(), frame));
      assertEquals(BEFORE.length, frame.start());
      assertEquals(kept.writerIndex(), frame.end());
      assertEquals("some:key", text(frame, 1));
      kept.release();
    }
  }

  @Test
  void randomPiecesGiveTheSameFrames() {
    long seed = Seeds.of(1);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      List<Layout> requests = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        requests.add(RandomBytes.request(random));
      }
      Sample sample = new Sample("seed " + seed, requests.toArray(Layout[]::new));
      byte[] bytes = sample.bytes();
      ByteBuf buf = buffer(bytes);
      try {
        Reader reader = new Reader(sample, buf);
        int to = 0;
        while (to < bytes.length) {
          to = Math.min(bytes.length, to + 1 + random.nextInt(40));
          reader.readTo(to);
        }
        reader.assertAtEnd();
      } finally {
        buf.release();
      }
    }
  }

  /** Redis takes these for nothing at all: it neither runs nor answers anything. */
  @Test
  void emptyAndNegativeArraysAreRequestsWithoutArguments() {
    for (String empty : List.of("*0\r\n", "*-1\r\n", "*-1048576\r\n")) {
      byte[] bytes = empty.getBytes(StandardCharsets.US_ASCII);
      RequestDecoder decoder = new RequestDecoder(RespLimits.BEFORE_AUTH);
      RequestFrame frame = new RequestFrame();
      ByteBuf buf = buffer(bytes);
      for (int there = 0; there < bytes.length; there++) {
        assertFalse(decoder.decode(buf, BEFORE.length, BEFORE.length + there, frame), empty);
      }
      assertTrue(decoder.decode(buf, BEFORE.length, buf.writerIndex(), frame), empty);
      assertEquals(0, frame.argc(), empty);
      assertEquals(buf.writerIndex(), frame.end(), empty);
      assertFalse(decoder.midFrame(), empty);
      buf.release();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 50, 99, 100, 1000})
  void limitsAreGrantedToTheLast(int length) {
    String[] arguments = numbered("MGET", 19);
    arguments[19] = "a".repeat(length);
    Layout request = Layout.of(arguments);
    ByteBuf buf = buffer(request.bytes);
    int from = BEFORE.length;
    int to = buf.writerIndex();
    RequestFrame frame = new RequestFrame();
    int longest = Math.max(length, "argument:10".length());
    assertTrue(new RequestDecoder(new RespLimits(longest, 20)).decode(buf, from, to, frame));
    RequestDecoder fewer = new RequestDecoder(new RespLimits(longest, 19));
    assertThrows(ProtocolException.class, () -> fewer.decode(buf, from, to, frame));
    RequestDecoder shorter = new RequestDecoder(new RespLimits(longest - 1, 20));
    assertThrows(ProtocolException.class, () -> shorter.decode(buf, from, to, frame));
    buf.release();
  }

  @Test
  void theEndOfAnArgumentIsKnownFromItsLength() {
    Layout request = Layout.of("SET", "key", "v".repeat(1000), "NX");
    ByteBuf buf = buffer(request.bytes);
    int from = BEFORE.length;
    int endOfValue = request.bytes.length - "$2\r\nNX\r\n".length();
    RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    assertFalse(decoder.decode(buf, from, from + 100, new RequestFrame()));
    assertEquals(endOfValue - 1, decoder.needed()); // whether an LF follows the CR is seen later
    assertTrue(decoder.decode(buf, from, buf.writerIndex(), new RequestFrame()));
    assertEquals(0, decoder.needed());
    buf.release();
  }

  @Test
  void limitsThatCannotBeKeptAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RespLimits(8, 20));
    assertThrows(IllegalArgumentException.class, () -> new RespLimits(1L << 31, 20));
    assertThrows(IllegalArgumentException.class, () -> new RespLimits(100, 8));
  }

  @Test
  void aMillionArgumentsAreARequest() {
    int arguments = 1 << 20;
    ByteBuf buf = ByteBufAllocator.DEFAULT.directBuffer();
    buf.writeBytes("*1048576\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] argument = "$1\r\na\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < arguments; i++) {
      buf.writeBytes(argument);
    }
    RequestFrame frame = new RequestFrame();
    RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    assertFalse(decoder.decode(buf, 0, buf.writerIndex() - 1, frame));
    assertEquals(1, decoder.argumentsLeft());
    assertTrue(decoder.decode(buf, 0, buf.writerIndex(), frame));
    assertEquals(arguments, frame.argc());
    assertEquals(buf.writerIndex() - 3, frame.offset(arguments - 1));
    buf.release();
  }

  /** A request given up to somebody else leaves nothing behind. */
  @Test
  void resetForgetsTheRequest() {
    byte[] bytes = Layout.of("SET", "key", "value").bytes;
    for (int cut = 1; cut < bytes.length; cut++) {
      RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
      RequestFrame frame = new RequestFrame();
      ByteBuf buf = buffer(bytes);
      assertFalse(decoder.decode(buf, BEFORE.length, BEFORE.length + cut, frame));
      decoder.reset();
      assertFalse(decoder.midFrame());
      ByteBuf other = buffer(Layout.of("GET", "k").bytes);
      assertTrue(decoder.decode(other, BEFORE.length, other.writerIndex(), frame));
      assertEquals(2, frame.argc());
      other.release();
      buf.release();
    }
  }

  /**
   * A request of 10,000 arguments, a byte at a time: each header is looked at a few times, and each
   * argument once more for its position; never the request from its start.
   */
  @Test
  void workGrowsWithTheBytesAndNotWithTheirSquare() {
    byte[] many = Layout.of(numbered("DEL", 9_999)).bytes;
    assertTrue(bytesRead(many) < 12L * many.length, bytesRead(many) + " for " + many.length);
    byte[] large = Layout.of("SET", "key", "v".repeat(1 << 20)).bytes;
    assertTrue(bytesRead(large) < 500, bytesRead(large) + " for " + large.length);
  }

  private static long bytesRead(byte[] request) {
    CountingBuf buf = new CountingBuf(request.length);
    buf.writeBytes(request);
    RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    RequestFrame frame = new RequestFrame();
    for (int to = 0; to < request.length; to++) {
      assertFalse(decoder.decode(buf, 0, to, frame));
    }
    assertTrue(decoder.decode(buf, 0, request.length, frame));
    buf.release();
    return buf.bytesRead;
  }

  private static ByteBuf buffer(byte[] bytes) {
    return ByteBufAllocator.DEFAULT
        .directBuffer(BEFORE.length + bytes.length)
        .writeBytes(BEFORE)
        .writeBytes(bytes);
  }

  private static String text(RequestFrame frame, int argument) {
    return frame
        .buf()
        .toString(frame.offset(argument), frame.length(argument), StandardCharsets.ISO_8859_1);
  }

  /** Reads a sample in pieces and compares all that the decoder says with its layout. */
  private static final class Reader {
    private final Sample sample;
    private final ByteBuf buf;
    private final RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    private final RequestFrame frame = new RequestFrame();
    private int next;
    private int at = BEFORE.length;

    Reader(Sample sample, ByteBuf buf) {
      this.sample = sample;
      this.buf = buf;
    }

    void readTo(int position) {
      int to = BEFORE.length + position;
      while (decoder.decode(buf, at, to, frame)) {
        assertFrame(sample.requests()[next]);
        at = frame.end();
        next++;
      }
      int there = to - at;
      assertEquals(there > 0, decoder.midFrame(), sample.name());
      if (there > 0) {
        assertPartial(sample.requests()[next], there, to);
      }
    }

    private void assertFrame(Layout expected) {
      assertEquals(at, frame.start(), sample.name());
      assertEquals(at + expected.bytes.length, frame.end(), sample.name());
      assertEquals(expected.bytes.length, frame.length(), sample.name());
      assertEquals(expected.arguments.size(), frame.argc(), sample.name());
      assertArguments(expected);
    }

    private void assertArguments(Layout expected) {
      for (int i = 0; i < frame.argc(); i++) {
        assertEquals(at + expected.argumentStarts[i], frame.offset(i), sample.name());
        assertEquals(expected.arguments.get(i).length, frame.length(i), sample.name());
      }
    }

    private void assertPartial(Layout expected, int there, int to) {
      assertEquals(expected.needed(there), decoder.needed(), sample.name());
      assertEquals(expected.scanned(there), decoder.scanned(), sample.name());
      assertEquals(expected.left(there), decoder.argumentsLeft(), sample.name());
      RequestFrame part = new RequestFrame();
      decoder.partial(buf, at, to, part);
      assertEquals(expected.complete(there), part.argc(), sample.name());
      assertEquals(to, part.end(), sample.name());
      for (int i = 0; i < part.argc(); i++) {
        byte[] argument = ByteBufUtil.getBytes(buf, part.offset(i), part.length(i));
        assertArrayEquals(expected.arguments.get(i), argument, sample.name());
      }
    }

    void assertAtEnd() {
      assertEquals(sample.requests().length, next, sample.name());
      assertEquals(buf.writerIndex(), at, sample.name());
      assertFalse(decoder.midFrame(), sample.name());
      int[] state = {decoder.needed(), decoder.scanned(), decoder.argumentsLeft()};
      assertTrue(Arrays.stream(state).allMatch(value -> value == 0), sample.name());
    }
  }
}
