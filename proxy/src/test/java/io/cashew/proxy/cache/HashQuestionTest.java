package io.cashew.proxy.cache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.testing.RawClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class HashQuestionTest {
  private static final RespLimits ANY = new RespLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static HashQuestion of(String request, boolean resp3) {
    String[] words = request.split(" ");
    ByteBuf bytes = Unpooled.wrappedBuffer(RawClient.request(words));
    RequestFrame frame = new RequestFrame();
    new RequestDecoder(ANY).decode(bytes, 0, bytes.readableBytes(), frame);
    return HashQuestion.of(Role.valueOf(words[0].toUpperCase(Locale.ROOT)), frame, resp3);
  }

  private static void isSaidAs(String request, String two, String three) {
    assertEquals(three, asOther(request, false, two), request);
    assertEquals(two, asOther(request, true, three), request);
  }

  /** A reply to a question, as a client of the other protocol has it. */
  private static String asOther(String request, boolean resp3, String reply) {
    HashQuestion asked = of(request, resp3);
    HashQuestion other = of(request, !resp3);
    byte[] bytes = reply.getBytes(ISO_8859_1);
    assertEquals(reply, new String(asked.reply(bytes, asked), ISO_8859_1));
    return new String(other.reply(bytes, asked), ISO_8859_1);
  }

  @Test
  void questionsOfTheSameAreEqualWhicheverProtocolTheirClientsHave() {
    assertEquals(of("HGET k f", false), of("hget other f", true));
    assertEquals(of("HGET k f", false).hashCode(), of("HGET k f", true).hashCode());
    assertNotEquals(of("HGET k f", false), of("HGET k g", false));
    assertNotEquals(of("HGET k f", false), of("HMGET k f", false));
    assertNotEquals(of("HMGET k f g", false), of("HMGET k g f", false));
  }

  @Test
  void aReplyIsSaidAnewAsTheOtherProtocolHasIt() {
    isSaidAs("HGET k f", "$-1\r\n", "_\r\n");
    isSaidAs("HGET k f", "$5\r\n_\r\n$-\r\n", "$5\r\n_\r\n$-\r\n");
    isSaidAs("HGET k f", "-WRONGTYPE no\r\n", "-WRONGTYPE no\r\n");
    isSaidAs(
        "HMGET k f g h", "*3\r\n$-1\r\n$3\r\n_\r\n\r\n$-1\r\n", "*3\r\n_\r\n$3\r\n_\r\n\r\n_\r\n");
    isSaidAs("HMGET k f", "-WRONGTYPE no\r\n", "-WRONGTYPE no\r\n");
    isSaidAs("HGETALL k", "*0\r\n", "%0\r\n");
    isSaidAs(
        "HGETALL k",
        "*4\r\n$1\r\nf\r\n$3\r\n$-1\r\n$1\r\ng\r\n$0\r\n\r\n",
        "%2\r\n$1\r\nf\r\n$3\r\n$-1\r\n$1\r\ng\r\n$0\r\n\r\n");
    isSaidAs("HGETALL k", "-WRONGTYPE no\r\n", "-WRONGTYPE no\r\n");
  }
}
