package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** Jedis and Lettuce with their defaults, through the proxy to three real nodes. */
final class StockClientsTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
    }
    proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @Test
  void jedisReadsWhatItWrote() {
    try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
      assertEquals("PONG", jedis.ping());
      jedis.set("j:1", "one");
      assertEquals("one", jedis.get("j:1"));
      jedis.mset("j:2", "two", "j:3", "three");
      assertEquals(
          java.util.Arrays.asList("one", "two", "three", null),
          jedis.mget("j:1", "j:2", "j:3", "j:nothing"));
      jedis.hset("j:hash", Map.of("a", "1", "b", "2"));
      assertEquals(
          new TreeMap<>(Map.of("a", "1", "b", "2")), new TreeMap<>(jedis.hgetAll("j:hash")));
      jedis.zadd("j:zset", Map.of("x", 1.5, "y", 2.5));
      assertEquals(List.of("x", "y"), jedis.zrange("j:zset", 0, -1));
      assertEquals(4, jedis.del("j:1", "j:2", "j:3", "j:hash"));
      byte[] binary = new byte[256];
      for (int i = 0; i < binary.length; i++) {
        binary[i] = (byte) i;
      }
      jedis.set(binary, binary);
      assertArrayEquals(binary, jedis.get(binary));
      assertEquals("OK", jedis.clientSetname("tester"));
      assertEquals("tester", jedis.clientGetname());
    }
  }

  @Test
  void jedisPipelinesAThousandCommands() {
    try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
      Pipeline pipeline = jedis.pipelined();
      List<Response<String>> values = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        pipeline.set("jp:" + i, "v" + i);
        values.add(pipeline.get("jp:" + i));
      }
      pipeline.sync();
      for (int i = 0; i < 1000; i++) {
        assertEquals("v" + i, values.get(i).get());
      }
    }
  }

  @Test
  void jedisSeesErrorsAndGoesOn() {
    try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
      jedis.set("j:string", "text");
      JedisDataException wrongType =
          assertThrows(JedisDataException.class, () -> jedis.lpush("j:string", "x"));
      assertTrue(wrongType.getMessage().startsWith("WRONGTYPE"));
      assertEquals("text", jedis.get("j:string"));
    }
  }

  @Test
  void lettuceConnectsWithItsDefaultsAndPipelines() throws Exception {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + proxy.port());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      assertEquals("OK", connection.sync().set("l:1", "one"));
      assertEquals("one", connection.sync().get("l:1"));
      assertNull(connection.sync().get("l:nothing"));
      assertEquals("OK", connection.sync().mset(Map.of("l:2", "two", "l:3", "three")));
      assertEquals("two", connection.sync().mget("l:1", "l:2").get(1).getValue());
      List<RedisFuture<Long>> counts = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        counts.add(connection.async().incr("l:counter"));
      }
      assertTrue(
          LettuceFutures.awaitAll(Duration.ofSeconds(20), counts.toArray(RedisFuture[]::new)));
      for (int i = 0; i < counts.size(); i++) {
        assertEquals(i + 1L, counts.get(i).get());
      }
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  @Test
  void aPoolOfJedisConnectionsWorks() {
    try (redis.clients.jedis.RedisClient client =
        redis.clients.jedis.RedisClient.create("127.0.0.1", proxy.port())) {
      client.set("pooled", "value");
      assertEquals("value", client.get("pooled"));
    }
  }
}
