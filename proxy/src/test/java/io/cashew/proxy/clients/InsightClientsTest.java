package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.resps.Slowlog;

/** What the proxy tells of itself, read by the parsers of Jedis and Lettuce. */
final class InsightClientsTest {
  private final RealRedis redis = RealRedis.start();
  private final TestProxy proxy =
      new TestProxy.Builder()
          .node(redis.port())
          .insight(
              InsightSettings.DEFAULT
                  .with(InsightSettings.SLOWER_THAN, 0L)
                  .with(InsightSettings.HOT_KEY_SAMPLE, 1))
          .start();

  @AfterEach
  void stop() {
    proxy.close();
    redis.close();
  }

  private static Map<String, String> fields(String info) {
    return info.lines()
        .filter(line -> !line.startsWith("#") && line.contains(":"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> line.substring(line.indexOf(':') + 1)));
  }

  @Test
  void jedisReadsTheSlowLogInfoAndTheClients() {
    try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
      jedis.clientSetname("me");
      jedis.set("key", "value");
      List<Slowlog> entries = jedis.slowlogGet();
      Slowlog newest = entries.get(0);
      assertEquals(List.of("SET", "key", "value"), newest.getArgs());
      assertEquals("me", newest.getClientName());
      assertEquals("127.0.0.1", newest.getClientIpPort().getHost());
      assertTrue(newest.getExecutionTime() >= 0);
      assertEquals(entries.size(), jedis.slowlogLen());
      assertEquals("OK", jedis.slowlogReset());
      Map<String, String> info = fields(jedis.info());
      assertEquals("1", info.get("connected_clients"));
      assertTrue(Long.parseLong(String.valueOf(info.get("total_commands_processed"))) >= 4);
      assertTrue(fields(jedis.info("commandstats")).containsKey("cmdstat_set"));
      assertTrue(jedis.clientList().contains(" name=me "));
    }
  }

  @Test
  void lettuceReadsTheSlowLogInfoAndTheClients() {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + proxy.port());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      RedisCommands<String, String> commands = connection.sync();
      commands.set("key", "value");
      List<?> newest = (List<?>) commands.slowlogGet(1).get(0);
      assertEquals(6, newest.size());
      assertEquals(3, ((List<?>) newest.get(3)).size());
      assertTrue(commands.slowlogLen() > 0);
      assertEquals("OK", commands.slowlogReset());
      Map<String, String> info = fields(commands.info());
      assertEquals("1", info.get("connected_clients"));
      assertTrue(fields(commands.info("latencystats")).containsKey("latency_percentiles_usec_set"));
      assertTrue(commands.clientList().contains(" resp=3 "));
    } finally {
      client.shutdown();
    }
  }
}
