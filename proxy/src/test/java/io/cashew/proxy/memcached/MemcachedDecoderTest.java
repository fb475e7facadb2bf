package io.cashew.proxy.memcached;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.memcached.MemcachedDecoder.Read;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemcachedDecoderTest {
  private static final String LONG_KEY = "k".repeat(251);

  /** Requests, and what each is read as: its words, or the answer. */
  private static final String SAMPLES =
      "get a\r\nget  a   b \r\n gets a\r\nget a\nset a 1 -1 3\r\nabc\r\nset a 0 0 2 noreply\r\n\r\n\r\n"
          + "cas a 0 0 0 18446744073709551615\r\n\r\ndelete a\r\ndelete a 0 noreply\r\nincr a 1\r\n"
          + "touch a 0\r\ngat 0 a b\r\nflush_all\r\nflush_all 5 noreply\r\nversion\r\nverbosity 1\r\n"
          + "stats items\r\nmn\r\nmg a v k O1\r\nms a 2 q\r\nhi\r\nmd YQ== b q\r\nma n N0 v\r\nme a\r\n"
          + "\r\nfoo\r\nget\r\nset a\r\nset a x 0 1\r\nset a 0 0 3\r\nabcdeset a 0 0 1 1 1\r\n"
          + "set a 0 0 99999999999\r\nset a 0 0 -1 noreply\r\nincr a -1\r\nincr a 18446744073709551616\r\n"
          + "delete a 1\r\ntouch a b\r\ngat b a\r\nget "
          + LONG_KEY
          + "\r\nget a\tb\r\nms a\r\nms a x\r\nms a 2"
          + " k".repeat(17)
          + "\r\nflush_all x\r\nset a 0 0 1000\r\n"
          + "x".repeat(1002)
          + "quit\r\n";

  private static final String READ =
      "[get a][get a b][gets a][get a][set a 1 -1 3 +3][set a 0 0 2 noreply +2 silent]"
          + "[cas a 0 0 0 18446744073709551615 +0][delete a][delete a 0 noreply silent][incr a 1]"
          + "[touch a 0][gat 0 a b][flush_all][flush_all 5 noreply silent][version][verbosity 1]"
          + "[stats items][mn][mg a v k O1][ms a 2 q +2 quiet][md YQ== b q quiet base64][ma n N0 v][me a]"
          + "<ERROR><ERROR><ERROR><ERROR><CLIENT_ERROR bad command line format>"
          + "<CLIENT_ERROR bad data chunk><ERROR><CLIENT_ERROR bad command line format><>"
          + "<CLIENT_ERROR invalid numeric delta argument><CLIENT_ERROR invalid numeric delta argument>"
          + "<CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]>"
          + "<CLIENT_ERROR invalid exptime argument><CLIENT_ERROR invalid exptime argument>"
          + "<CLIENT_ERROR bad command line format><CLIENT_ERROR bad command line format>"
          + "<CLIENT_ERROR bad command line format><CLIENT_ERROR bad command line format>"
          + "<CLIENT_ERROR options flags too long><CLIENT_ERROR invalid exptime argument>"
          + "{set a 0 0 1000: 1002}[quit]";

  @Test
  void requestsAreReadAsTheyAreMeant() {
    assertEquals(READ, read(SAMPLES, SAMPLES.length()));
  }

  @Test
  void everyCutOfTheBytesGivesTheSameRequests() {
    for (int piece = 1; piece < 64; piece++) {
      assertEquals(READ, read(SAMPLES, piece), "pieces of " + piece);
    }
    for (int cut = 1; cut < SAMPLES.length(); cut++) {
      assertEquals(READ, read(SAMPLES, cut), "cut at " + cut);
    }
  }

  @Test
  void aLineWithoutAnEndIsRefusedUnlessItMayHaveManyKeys() {
    String blank = " ".repeat(MemcachedDecoder.MAX_LINE + 1);
    assertThrows(ProtocolException.class, () -> read("set" + blank, 9999));
    assertEquals("", read("get" + blank, 9999));
  }

  @Test
  void whatSpeaksHttpOrTheBinaryProtocolIsRefused() {
    for (String begin : List.of("GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "Host: a\r\n")) {
      ProtocolException refusal =
          assertThrows(ProtocolException.class, () -> read(begin, begin.length()), begin);
      assertEquals(ProtocolException.Fault.FOREIGN, refusal.fault());
    }
    assertThrows(BinaryRefusal.class, () -> read("\u0080\0\0", 3));
    String set =
        "\u0080\u0001\0\u0003" + "\0".repeat(8) + "\u0001\u0002\u0003\u0004" + "\0".repeat(8);
    byte[] response = assertThrows(BinaryRefusal.class, () -> read(set, set.length())).response();
    assertEquals((byte) 0x81, response[0]);
    assertEquals(1, response[1], "the opcode is that of the request");
    assertEquals(0x01020304, ByteBuffer.wrap(response).getInt(12), "so is the opaque");
    assertEquals("[get / HTTP/1.1]", read("get / HTTP/1.1\r\n", 99));
  }

  @Test
  void garbageThrowsNothingButTheProtocolsException() {
    Random random = new Random(5);
    String alphabet = "gets msadq b0129 \r\n\r\n noreply incr\0\t";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder garbage = new StringBuilder();
      for (int i = random.nextInt(60); i >= 0; i--) {
        garbage.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String text = garbage.toString();
      String whole = outcome(text, text.length());
      assertEquals(whole, outcome(text, 1 + random.nextInt(5)), text);
    }
  }

  private static String outcome(String text, int piece) {
    try {
      return read(text, piece);
    } catch (ProtocolException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  /** Reads a text that comes in pieces, at an offset that is not 0. */
  private static String read(String text, int piece) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuf in = Unpooled.buffer(bytes.length + 3).writeZero(3).writeBytes(bytes);
    MemcachedDecoder decoder = new MemcachedDecoder(999, 1 << 20);
    RequestFrame frame = new RequestFrame();
    StringBuilder read = new StringBuilder();
    int at = 3;
    long skip = 0;
    for (int there = 3; there < in.writerIndex(); ) {
      there = Math.min(there + piece, in.writerIndex());
      while (at < there) {
        if (skip > 0) {
          int skipped = (int) Math.min(skip, there - at);
          at += skipped;
          skip -= skipped;
          continue;
        }
        Read what = decoder.decode(in, at, there, frame);
        if (what == Read.INCOMPLETE) {
          break;
        }
        skip = what == Read.TOO_LARGE ? decoder.skipped() : 0;
        read.append(show(what, decoder, frame));
        assertTrue(frame.next() > at);
        at = frame.next();
      }
    }
    return read.toString();
  }

  private static String show(Read what, MemcachedDecoder decoder, RequestFrame frame) {
    if (what == Read.ANSWER) {
      return "<" + new String(decoder.answer(), StandardCharsets.US_ASCII).strip() + ">";
    }
    List<String> words = new ArrayList<>();
    for (int i = 0; i < frame.argc(); i++) {
      words.add(frame.buf().toString(frame.offset(i), frame.length(i), StandardCharsets.US_ASCII));
    }
    if (what == Read.TOO_LARGE) {
      return "{" + String.join(" ", words) + ": " + decoder.skipped() + "}";
    }
    if (decoder.verb().hasData()) {
      int line = frame.buf().indexOf(frame.start(), frame.end(), (byte) '\n') + 1;
      words.add("+" + (frame.end() - line - 2));
    }
    if (decoder.noReply()) {
      words.add("silent");
    }
    if (decoder.quiet()) {
      words.add("quiet");
    }
    if (decoder.base64()) {
      words.add("base64");
    }
    return "[" + String.join(" ", words) + "]";
  }
}
