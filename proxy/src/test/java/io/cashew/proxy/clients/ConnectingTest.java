package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import redis.clients.jedis.RedisClient;

/** What libraries send as they connect is no error of an application, whatever becomes of it. */
final class ConnectingTest {

  @Test
  void aLibraryThatConnectsAndAsksForAKeyHasNoErrorOfAnApplication() {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = TestProxy.of(redis)) {
      String uri = "redis://127.0.0.1:" + proxy.port();
      try (RedisClient jedis = RedisClient.create(uri)) {
        assertEquals("OK", jedis.set("k", "v"));
      }
      io.lettuce.core.RedisClient lettuce = io.lettuce.core.RedisClient.create(uri);
      try (StatefulRedisConnection<String, String> connection = lettuce.connect()) {
        assertEquals("v", connection.sync().get("k"));
      } finally {
        lettuce.shutdown();
      }
      Config config = new Config();
      config.useSingleServer().setAddress(uri);
      RedissonClient redisson = Redisson.create(config);
      try {
        assertEquals(1, redisson.getKeys().countExists("k"));
      } finally {
        redisson.shutdown();
      }
      assertEquals(
          List.of(),
          Stream.of(RefusalKind.values())
              .filter(kind -> kind != RefusalKind.HANDSHAKE)
              .filter(
                  kind ->
                      proxy.metric("cashew_error_replies_total{kind=\"" + kind.label() + "\"") > 0)
              .toList());
    }
  }
}
