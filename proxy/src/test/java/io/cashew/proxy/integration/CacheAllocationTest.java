package io.cashew.proxy.integration;

import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.testing.Allocated;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What memory gives allocates nothing on the heap; see {@link AllocationTest}. */
@Timeout(120)
final class CacheAllocationTest {
  /** A request, and the reply to it. */
  enum Hit {
    GET("GET k", "$3\r\nxxx\r\n"),
    GET_OF_NOTHING("GET k-none", "$-1\r\n"),
    MGET("MGET k k-none", "*2\r\n$3\r\nxxx\r\n$-1\r\n"),
    HGET("HGET k-hash f", "$1\r\nv\r\n"),
    HGET_OF_NOTHING("HGET k-none f", "$-1\r\n"),
    HMGET("HMGET k-hash g none f", "*3\r\n$1\r\nw\r\n$-1\r\n$1\r\nv\r\n"),
    HGETALL("HGETALL k-hash", "*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\nw\r\n");

    private final String request;
    private final String reply;

    Hit(String request, String reply) {
      this.request = new String(RawClient.request(request.split(" ")), StandardCharsets.ISO_8859_1);
      this.reply = reply;
    }
  }

  private static RealRedis redis;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    redis = RealRedis.start();
    InsightSettings insight =
        InsightSettings.DEFAULT
            .with(InsightSettings.SLOWER_THAN, InsightSettings.OFF)
            .with(InsightSettings.SLOW_LOG_MAX, 0);
    proxy =
        new TestProxy.Builder()
            .node(redis.port())
            .insight(insight)
            .with(CacheSettings.RULES, List.of(Rules.near("k*", 600_000, 600_000)))
            .start();
    try (RawClient direct = redis.connect();
        RawClient client = proxy.connect()) {
      direct.send("SET", "k", "xxx");
      direct.send("HSET", "k-hash", "f", "v", "g", "w");
      String rule = "{pool=\"test\",rule=\"k*\"}";
      Await.until(
          "all is kept",
          () -> {
            client.send("GET", "k");
            client.send("GET", "k-none");
            client.send("HGETALL", "k-hash");
            return proxy.metric("cashew_cache_entries" + rule) == 3;
          });
    }
  }

  @AfterAll
  static void stop() {
    proxy.close();
    redis.close();
  }

  @ParameterizedTest
  @EnumSource
  void aHitAllocatesNothing(Hit hit) throws IOException {
    Allocated.assertNothing(proxy.port(), hit.request, hit.reply, 1);
  }

  @ParameterizedTest
  @EnumSource
  void aPipelineOfHitsAllocatesNothing(Hit hit) throws IOException {
    Allocated.assertNothing(proxy.port(), hit.request, hit.reply, 16);
  }
}
