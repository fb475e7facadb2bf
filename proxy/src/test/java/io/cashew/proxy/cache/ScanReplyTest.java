package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScanReplyTest {
  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Test
  void cursorAndKeysAreRead() {
    ScanReply reply =
        new ScanReply(bytes("*2\r\n$4\r\n1760\r\n*3\r\n$1\r\na\r\n$0\r\n\r\n$4\r\nb\r\nc\r\n"));
    assertEquals("1760", reply.cursor());
    List<String> keys = new ArrayList<>();
    reply.forEachKey(
        (buf, index, length) -> keys.add(buf.toString(index, length, StandardCharsets.ISO_8859_1)));
    assertEquals(List.of("a", "", "b\r\nc"), keys);
  }

  @Test
  void nothingIsReadOfAnEmptyOne() {
    ScanReply reply = new ScanReply(bytes("*2\r\n$1\r\n0\r\n*0\r\n"));
    assertEquals("0", reply.cursor());
    reply.forEachKey(
        (buf, index, length) -> {
          throw new AssertionError();
        });
    assertEquals(123456, new ScanReply(bytes(":123456\r\n")).integer());
  }
}
