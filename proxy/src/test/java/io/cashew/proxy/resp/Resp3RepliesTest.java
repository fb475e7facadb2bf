package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The types that RESP3 adds: where they end, and what is none of them. */
final class Resp3RepliesTest {
  private static final long MAX_BULK = 1 << 20;

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text.replace("|CRLF|", "\r\n"), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_|CRLF|",
        "#t|CRLF|",
        "#f|CRLF|",
        ",3.25|CRLF|",
        ",-inf|CRLF|",
        ",nan|CRLF|",
        ",1.5e-300|CRLF|",
        "(-3492890328409238509324850943850943825024385|CRLF|",
        "(123  123|CRLF|", // what Redis makes of a script's
        "!8|CRLF|ERR a|CRLF|b|CRLF|",
        "=8|CRLF|txt:text|CRLF|",
        "%0|CRLF|",
        "~0|CRLF|",
        "%2|CRLF|+a|CRLF|:1|CRLF|$1|CRLF|b|CRLF|%1|CRLF|_|CRLF|#t|CRLF|",
        "~3|CRLF|:1|CRLF|_|CRLF|*1|CRLF|,1|CRLF|",
        "|1|CRLF|+ttl|CRLF|:3600|CRLF|$1|CRLF|v|CRLF|",
        "*2|CRLF||1|CRLF|+a|CRLF|+b|CRLF|:1|CRLF|:2|CRLF|",
        "|0|CRLF|*0|CRLF|"
      })
  void aReplyEndsWhereItEndsHoweverItIsCut(String reply) {
    ByteBuf whole = bytes("xx" + reply + ":7|CRLF|");
    int end = whole.writerIndex() - 4;
    for (int cut = 2; cut <= end; cut++) {
      ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, true);
      int first = cut == 2 ? -1 : decoder.feed(whole, 2, cut);
      assertEquals(cut == end ? end : -1, first, "cut at " + cut);
      if (cut < end) {
        assertEquals(end, decoder.feed(whole, cut, whole.writerIndex()), "cut at " + cut);
      }
      assertTrue(decoder.atStart());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_x",
        "_1|CRLF|",
        "#|CRLF|",
        "#x",
        "#tt",
        "#1",
        ",|CRLF|",
        ", 1",
        "(|CRLF|",
        "(1\u0001",
        "!-1|CRLF|",
        "=-1|CRLF|",
        "=01",
        "%-1|CRLF|",
        "%x",
        "~-1|CRLF|",
        "|-1|CRLF|",
        "%4294967296|CRLF|",
        "=9999999999|CRLF|",
        ">2|CRLF|",
        "$?",
        "*?",
        ".|CRLF|",
        "@"
      })
  void whatIsNoReplyIsRefused(String reply) {
    ByteBuf bytes = bytes(reply);
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, true);
    assertThrows(ProtocolException.class, () -> decoder.feed(bytes, 0, bytes.writerIndex()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"_", "#", ",", "(", "!", "=", "%", "~", "|", ">"})
  void noneOfThemMayComeToAClientOfResp2(String type) {
    ByteBuf bytes = bytes(type);
    ReplyDecoder decoder = new ReplyDecoder(MAX_BULK, false);
    assertThrows(ProtocolException.class, () -> decoder.feed(bytes, 0, 1));
  }
}
