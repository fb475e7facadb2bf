package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedirectionTest {
  private final Redirection redirection = new Redirection();

  private boolean read(String error) {
    ByteBuf buf = Unpooled.copiedBuffer("xx" + error + "\r\nyy", StandardCharsets.US_ASCII);
    return redirection.read(buf, 2, error.length() + 2, "10.0.0.1:7000");
  }

  @Test
  void anAddress() {
    assertTrue(read("-MOVED 3999 10.0.0.2:7001"));
    assertEquals(3999, redirection.slot());
    assertEquals("10.0.0.2:7001", redirection.address());
    assertTrue(redirection.isAt("10.0.0.2:7001"));
    assertFalse(redirection.isAt("110.0.0.2:7001"));
    assertFalse(redirection.isAt("0.0.0.2:7001"));
    assertFalse(redirection.isAt("10.0.0.2:7002"));
  }

  @Test
  void aName() {
    assertTrue(read("-ASK 0 node-1.example.com:6379"));
    assertTrue(redirection.isAt("node-1.example.com:6379"));
  }

  @Test
  void noHostIsThatOfTheServerThatSaysSo() {
    assertTrue(read("-MOVED 16383 :7001"));
    assertEquals("10.0.0.1:7001", redirection.address());
  }

  @Test
  void anIpv6Address() {
    assertTrue(read("-MOVED 1 fd00::1:7001"));
    assertTrue(redirection.isAt("[fd00::1]:7001"));
    assertTrue(redirection.isAt("fd00::1:7001"));
    assertTrue(read("-ASK 1 ::1:7001"));
    assertEquals("::1:7001", redirection.address());
    assertTrue(redirection.isAt("[::1]:7001"));
  }

  @Test
  void aCopyStaysAsItIs() {
    assertTrue(read("-MOVED 1 a:1"));
    Redirection copy = redirection.copy();
    assertTrue(read("-MOVED 2 b:2"));
    assertEquals(1, copy.slot());
    assertTrue(copy.isAt("a:1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-MOVED",
        "-MOVED 1",
        "-MOVED 1 ",
        "-MOVED x a:1",
        "-MOVED 16384 a:1",
        "-MOVED 99999999999 a:1",
        "-MOVED -1 a:1",
        "-MOVED  a:1"
      })
  void whatLeadsNowhere(String error) {
    assertFalse(read(error));
  }
}
