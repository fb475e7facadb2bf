package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RequestFrameTest {
  private static RequestFrame frameOf(String text) {
    ByteBuf buf = Unpooled.copiedBuffer("xyz" + text, StandardCharsets.ISO_8859_1);
    RequestFrame frame = new RequestFrame();
    frame.begin(buf, 3);
    frame.add(3, text.length());
    frame.finish(buf.writerIndex());
    return frame;
  }

  @Test
  void argumentsAreComparedWithoutRegardToTheCaseOfLetters() {
    assertTrue(frameOf("match").argEquals(0, "MATCH"));
    assertTrue(frameOf("MaTcH").argEquals(0, "MATCH"));
    assertTrue(frameOf("MATCH").argEquals(0, "MATCH"));
    assertTrue(frameOf("").argEquals(0, ""));
    assertTrue(frameOf("no-touch").argEquals(0, "NO-TOUCH"));
  }

  @Test
  void otherArgumentsAreNotEqual() {
    assertFalse(frameOf("MATC").argEquals(0, "MATCH"));
    assertFalse(frameOf("MATCHX").argEquals(0, "MATCH"));
    assertFalse(frameOf("MATCI").argEquals(0, "MATCH"));
    assertFalse(frameOf("{").argEquals(0, "["), "differ by the bit that makes letters lower");
    assertFalse(frameOf("\u00ed").argEquals(0, "M"), "differ by the highest bit only");
    assertFalse(frameOf("\u00cd").argEquals(0, "M"));
  }

  @Test
  void positionsOfMoreArgumentsThanThereWasRoomForAreKept() {
    RequestFrame frame = new RequestFrame();
    ByteBuf buf = Unpooled.EMPTY_BUFFER;
    for (int round = 0; round < 3; round++) {
      frame.begin(buf, 0);
      int count = round == 1 ? 200_000 : 65;
      for (int i = 0; i < count; i++) {
        frame.add(i * 10, i);
      }
      frame.finish(count * 10);
      assertEquals(count, frame.argc());
      assertEquals(count * 10, frame.length());
      for (int i = 0; i < count; i++) {
        assertEquals(i * 10, frame.offset(i));
        assertEquals(i, frame.length(i));
      }
    }
  }
}
