package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
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

/** Requests that somebody types: what a node gets of them is RESP. */
@ExtendWith(LeakCheck.class)
final class InlineRequestTest {
  private static final int BEFORE = 5;

  private record Sample(String line, List<String> words) {}

  private static Sample sample(String line, String... words) {
    return new Sample(line, List.of(words));
  }

  private static final List<Sample> SAMPLES =
      List.of(
          sample("PING\r\n", "PING"),
          sample("PING\n", "PING"),
          sample("\r\n"),
          sample("\n"),
          sample(" \t \r\n"),
          sample("  SET  k\tv  \r\n", "SET", "k", "v"),
          sample("SET k \"a b\"\n", "SET", "k", "a b"),
          sample("SET k 'a b'\n", "SET", "k", "a b"),
          sample("SET k \"\"\r\n", "SET", "k", ""),
          sample("\"\"\r\n", ""),
          sample(
              "SET k \"\\x00\\xff\\n\\r\\t\\b\\a\\\\\\\"\\q\"\n",
              "SET",
              "k",
              "\0\377\n\r\t\b\7\\\"q"),
          sample("SET k \"\\xg0\\x\"\n", "SET", "k", "xg0x"),
          sample("SET k '\\x41\\n\\''\n", "SET", "k", "\\x41\\n'"),
          sample("SET k v\"w x\" y\n", "SET", "k", "vw x", "y"),
          sample("SET k \"it's\" 'say \"x\"'\n", "SET", "k", "it's", "say \"x\""),
          sample("SET k \rv\n", "SET", "k", "v"),
          sample("SET k\u000bw \u000c\"v\"\u000b\n", "SET", "k\u000bw", "v"),
          sample("$5\r\n", "$5"),
          sample("\377\376 \200\n", "\377\376", "\200"),
          sample("GET HTTP/1.1x\n", "GET", "HTTP/1.1x"),
          sample("SET k \"HTTP/1.1\"\n", "SET", "k", "HTTP/1.1"),
          sample("MGET " + "key ".repeat(2000) + "\r\n", manyWords()));

  private static String[] manyWords() {
    String[] words = new String[2001];
    Arrays.fill(words, "key");
    words[0] = "MGET";
    return words;
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuf buffer(byte[] bytes) {
    return ByteBufAllocator.DEFAULT
        .directBuffer(BEFORE + bytes.length)
        .writeBytes(new byte[BEFORE])
        .writeBytes(bytes);
  }

  private static List<String> words(RequestFrame frame) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < frame.argc(); i++) {
      words.add(
          frame.buf().toString(frame.offset(i), frame.length(i), StandardCharsets.ISO_8859_1));
    }
    return words;
  }

  /** Reads as a client's handler does. */
  private static final class Reader {
    private final ByteBuf buf;
    private final RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    private final RequestFrame frame = new RequestFrame();
    private final List<List<String>> requests = new ArrayList<>();
    private int at = BEFORE;

    Reader(ByteBuf buf) {
      this.buf = buf;
    }

    void readTo(int to) {
      while (decoder.decode(buf, at, to, frame)) {
        requests.add(words(frame));
        if (frame.argc() > 0) {
          byte[] sent = ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length());
          assertEquals(text(Layout.of(words(frame).toArray(String[]::new)).bytes), text(sent));
        }
        at = frame.next();
      }
      assertEquals(at < to, decoder.midFrame());
    }
  }

  /** Each line stands between requests in RESP, which must be found again behind it. */
  @TestFactory
  Stream<DynamicTest> everyCutGivesTheSameWords() {
    return SAMPLES.stream()
        .map(s -> DynamicTest.dynamicTest(shown(s.line()), () -> cutEverywhere(s)));
  }

  private static String shown(String line) {
    return "<" + line.substring(0, Math.min(60, line.length())) + ">";
  }

  private static void cutEverywhere(Sample sample) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(Layout.of("ECHO", "before").bytes);
    bytes.writeBytes(latin1(sample.line()));
    bytes.writeBytes(Layout.of("ECHO", "after").bytes);
    List<List<String>> expected =
        List.of(List.of("ECHO", "before"), sample.words(), List.of("ECHO", "after"));
    ByteBuf buf = buffer(bytes.toByteArray());
    int end = buf.writerIndex();
    int step = bytes.size() > 1000 ? 97 : 1;
    for (int cut = BEFORE; cut <= end; cut += step) {
      Reader reader = new Reader(buf);
      reader.readTo(cut);
      reader.readTo(end);
      assertEquals(expected, reader.requests);
    }
    Reader slow = new Reader(buf);
    for (int to = BEFORE; to <= end; to++) {
      slow.readTo(to);
    }
    assertEquals(expected, slow.requests);
    buf.release();
  }

  @Test
  void aLineIsLookedAtOnceHoweverSlowlyItComes() {
    byte[] line = latin1("ECHO " + "x".repeat(60_000) + "\n");
    CountingBuf buf = new CountingBuf(line.length);
    buf.writeBytes(line);
    RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    RequestFrame frame = new RequestFrame();
    for (int to = 1; to < line.length; to++) {
      assertFalse(decoder.decode(buf, 0, to, frame));
    }
    assertTrue(decoder.decode(buf, 0, line.length, frame));
    assertTrue(buf.bytesRead < 14L * line.length, buf.bytesRead + " for " + line.length);
    buf.release();
  }

  @Test
  void sixtyFourKilobytesWithoutAnEndAreTooMany() {
    assertTooBig(RespLimits.DEFAULT, InlineRequest.MAX_LINE);
    assertTooBig(RespLimits.BEFORE_AUTH, 16 << 10);
  }

  private static void assertTooBig(RespLimits limits, int longest) {
    ByteBuf buf = buffer(latin1("9".repeat(longest + 1)));
    RequestDecoder decoder = new RequestDecoder(limits);
    RequestFrame frame = new RequestFrame();
    assertFalse(decoder.decode(buf, BEFORE, BEFORE + longest, frame));
    ProtocolException e =
        assertThrows(
            ProtocolException.class,
            () -> decoder.decode(buf, BEFORE, BEFORE + longest + 1, frame));
    assertEquals("Protocol error: too big inline request", e.getMessage());
    assertEquals(ProtocolException.Fault.TOO_LARGE, e.fault());
    ProtocolException atOnce =
        assertThrows(
            ProtocolException.class,
            () -> new RequestDecoder(limits).decode(buf, BEFORE, BEFORE + longest + 1, frame));
    assertEquals(e.getMessage(), atOnce.getMessage());
    buf.release();
  }

  /** Random lines: a real server shows by a script what words it has found in them. */
  @Test
  void wordsAreThoseThatRedisFinds() {
    long seed = Seeds.of(7);
    Random random = new Random(seed);
    int unbalanced = 0;
    try (RealRedis redis = RealRedis.start()) {
      RawClient client = redis.connect();
      for (int round = 0; round < 3000; round++) {
        byte[] line = randomLine(random);
        client.write(line);
        Object theirs = client.read();
        Object ours;
        ByteBuf buf = buffer(line);
        try {
          Reader reader = new Reader(buf);
          reader.readTo(buf.writerIndex());
          List<String> words = reader.requests.get(0);
          ours = words.subList(3, words.size());
        } catch (ProtocolException e) {
          ours = new ErrorReply("ERR " + e.getMessage());
          client.close();
          client = redis.connect();
          unbalanced++;
        }
        buf.release();
        assertEquals(theirs, ours, "seed " + seed + ": " + text(line));
      }
      client.close();
    }
    assertTrue(unbalanced > 100 && unbalanced < 2900, "both happen: " + unbalanced);
  }

  private static byte[] randomLine(Random random) {
    byte[] telling = latin1(" \"'\\xnrtbaf0\t\rq\u000b\u000c\377");
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(latin1("EVAL 'return ARGV' 0 "));
    for (int i = random.nextInt(16); i > 0; i--) {
      line.write(telling[random.nextInt(telling.length)]);
    }
    line.writeBytes(latin1(random.nextBoolean() ? "\r\n" : "\n"));
    return line.toByteArray();
  }
}
