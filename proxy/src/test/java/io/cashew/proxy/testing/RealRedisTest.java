package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient.ErrorReply;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class RealRedisTest {
  @Test
  void serversAnswerAndAreApart() {
    try (RealRedis one = RealRedis.start();
        RealRedis other = RealRedis.start();
        RawClient client = one.connect();
        RawClient otherClient = other.connect()) {
      assertNotEquals(one.port(), other.port());
      assertEquals("OK", client.send("SET", "k", "v"));
      assertEquals("v", client.send("GET", "k"));
      assertEquals(null, otherClient.send("GET", "k"));
    }
  }

  @Test
  void argumentsReachTheServer() {
    try (RealRedis redis = RealRedis.start("--requirepass", "secret");
        RawClient client = redis.connect()) {
      assertTrue(
          client.send("PING") instanceof ErrorReply error && error.text().startsWith("NOAUTH"));
      assertEquals("OK", client.send("AUTH", "secret"));
    }
  }

  @Test
  void aServerIsGoneAfterCloseAndCanComeBack() {
    RealRedis redis = RealRedis.start();
    redis.close();
    assertThrows(UncheckedIOException.class, redis::connect);
    try (RealRedis again = RealRedis.startAt(redis.port());
        RawClient client = again.connect()) {
      assertEquals("PONG", client.send("PING"));
    }
  }

  @Test
  void aServerThatCannotStartSaysWhy() {
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> RealRedis.start("--no-such-option", "yes"));
    assertTrue(String.valueOf(error.getMessage()).contains("no-such-option"), error::getMessage);
  }
}
