package io.cashew.proxy.memcached;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemcachedReplyDecoderTest {
  private record Asked(ReplyShape shape, boolean quiet, String... keys) {}

  private record Sample(Asked asked, String reply) {}

  private static Sample sample(ReplyShape shape, String reply, String... keys) {
    return new Sample(new Asked(shape, false, keys), reply);
  }

  private static Sample quiet(ReplyShape shape, String reply) {
    return new Sample(new Asked(shape, true), reply);
  }

  private static final List<Sample> SAMPLES =
      List.of(
          sample(ReplyShape.VALUES, "END\r\n", "a"),
          sample(ReplyShape.VALUES, "VALUE a 0 5\r\nEND\r\n\r\nEND\r\n", "a"),
          sample(
              ReplyShape.VALUES,
              "VALUE b 7 0 12\r\n\r\nVALUE c 0 1\r\nx\r\nEND\r\n",
              "a",
              "b",
              "c"),
          sample(ReplyShape.VALUES, "VALUE a 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\nEND\r\n", "a", "a"),
          sample(ReplyShape.VALUES, "SERVER_ERROR out of memory\r\n", "a"),
          sample(ReplyShape.VALUES, "VALUE a 0 1\r\n1\r\nSERVER_ERROR out of memory\r\n", "a", "b"),
          sample(ReplyShape.STORED, "STORED\r\n"),
          sample(ReplyShape.STORED, "NOT_STORED\r\n"),
          sample(ReplyShape.STORED, "CLIENT_ERROR bad data chunk\r\n"),
          sample(ReplyShape.DELETED, "DELETED\r\n"),
          sample(ReplyShape.TOUCHED, "NOT_FOUND\r\n"),
          sample(ReplyShape.NUMBER, "18446744073709551615\r\n"),
          sample(ReplyShape.OK, "OK\r\n"),
          sample(ReplyShape.VERSION, "VERSION 1.6.18\r\n"),
          sample(ReplyShape.STATS, "STAT pid 1\r\nSTAT version 1.6.18\r\nEND\r\n"),
          sample(ReplyShape.STATS, "RESET\r\n"),
          sample(ReplyShape.META_GET, "VA 4 kx t-1\r\n\r\nMN\r\n", "x"),
          sample(ReplyShape.META_GET, "EN\r\n"),
          sample(ReplyShape.META_SET, "HD kx c7\r\n", "x"),
          sample(ReplyShape.META_DELETE, "NF\r\n"),
          sample(ReplyShape.META_ARITHMETIC, "VA 2 t-1\r\n17\r\n"),
          sample(ReplyShape.META_DEBUG, "ME x exp=-1 size=61\r\n"),
          sample(ReplyShape.META_NOOP, "MN\r\n"),
          quiet(ReplyShape.META_GET, "MN\r\n"),
          quiet(ReplyShape.META_GET, "VA 1\r\n5\r\n"));

  @Test
  void everyReplyEndsWhereItEndsHoweverItIsCut() {
    for (Sample sample : SAMPLES) {
      for (int piece = 1; piece <= sample.reply().length(); piece++) {
        assertEquals(
            sample.reply().length(),
            end(sample.asked(), sample.reply() + "VALUE", piece),
            sample.reply() + " in pieces of " + piece);
      }
    }
  }

  @Test
  void whatIsNoAnswerToTheRequestEndsTheConnection() {
    refuses(ReplyShape.STORED, "END\r\n");
    refuses(ReplyShape.STORED, "DELETED\r\n");
    refuses(ReplyShape.VALUES, "STORED\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE b 0 1\r\n1\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE a 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE b 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\n", "a", "b");
    refuses(ReplyShape.VALUES, "VALUE a 0 1\r\n12\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE a 0\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE a 0 -1\r\n", "a");
    refuses(ReplyShape.VALUES, "VALUE a 0 99999999999\r\n", "a");
    refuses(ReplyShape.NUMBER, "1x\r\n");
    refuses(ReplyShape.NUMBER, "\r\n");
    refuses(ReplyShape.META_GET, "MN\r\n");
    refuses(ReplyShape.META_GET, "VA\r\n");
    refuses(ReplyShape.META_GET, "VA 1 ky\r\n1\r\n", "x");
    refuses(ReplyShape.META_GET, "EN O1\r\n", "x");
    refuses(ReplyShape.META_SET, "VA 1\r\n1\r\n");
    refuses(ReplyShape.OK, "OK\n");
    refuses(ReplyShape.OK, "OKAY\r\n");
    refuses(ReplyShape.VERSION, "V".repeat(9000));
  }

  @Test
  void anErrorIsKnownAsOne() {
    MemcachedReplyDecoder decoder = new MemcachedReplyDecoder(1000);
    for (String error :
        List.of("ERROR\r\n", "CLIENT_ERROR x\r\n", "ERROR: shutdown not enabled\r\n")) {
      decoder.begin(new ExpectedReply().begin(ReplyShape.OK));
      ByteBuf in = Unpooled.copiedBuffer(error, StandardCharsets.US_ASCII);
      assertEquals(error.length(), decoder.feed(in, 0, error.length()));
      assertEquals(true, decoder.isError());
    }
  }

  @Test
  void garbageThrowsNothingButTheProtocolsException() {
    Random random = new Random(6);
    List<ReplyShape> shapes = List.of(ReplyShape.values());
    String[] bits = {
      "VALUE ", "a ", "0 ", "1", "\r\n", "END", "VA ", "MN", "STAT ", "x", "ERROR", " "
    };
    for (int round = 0; round < 20_000; round++) {
      StringBuilder garbage = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        garbage.append(bits[random.nextInt(bits.length)]);
      }
      ReplyShape shape = shapes.get(random.nextInt(shapes.size()));
      Asked asked = new Asked(shape, random.nextBoolean(), "a", "x");
      String text = garbage.toString();
      assertEquals(
          outcome(asked, text, text.length()), outcome(asked, text, 1), text + " " + shape);
    }
  }

  private static String outcome(Asked asked, String text, int piece) {
    try {
      return String.valueOf(end(asked, text, piece));
    } catch (ProtocolException refused) {
      return "refused";
    }
  }

  private static void refuses(ReplyShape shape, String reply, String... keys) {
    for (int piece : List.of(1, 3, reply.length())) {
      assertThrows(
          ProtocolException.class, () -> end(new Asked(shape, false, keys), reply, piece), reply);
    }
  }

  /** Where the first reply of a text ends that comes in pieces; -1: it does not. */
  private static int end(Asked asked, String text, int piece) {
    ExpectedReply expected = new ExpectedReply().begin(asked.shape());
    for (String key : asked.keys()) {
      expected.addKey(Unpooled.copiedBuffer(key, StandardCharsets.US_ASCII), 0, key.length());
    }
    if (asked.quiet()) {
      expected.mayBeSilent();
    }
    MemcachedReplyDecoder decoder = new MemcachedReplyDecoder(1000);
    decoder.begin(expected);
    for (int at = 0; at < text.length(); at += piece) {
      int length = Math.min(piece, text.length() - at);
      ByteBuf in = Unpooled.buffer().writeZero(5);
      in.writeCharSequence(text.substring(at, at + length), StandardCharsets.US_ASCII);
      int end = decoder.feed(in, 5, 5 + length);
      if (end >= 0) {
        return at + end - 5;
      }
    }
    return -1;
  }
}
