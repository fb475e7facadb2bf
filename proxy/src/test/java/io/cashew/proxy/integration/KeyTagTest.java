package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.hashing.function.TagPattern;
import io.cashew.proxy.config.PlacementSettings;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keys of which a part is hashed, found by a regular expression, at real nodes. */
@ExtendWith(LeakCheck.class)
final class KeyTagTest {

  private static TestProxy proxy(String pattern, List<RealRedis> servers) {
    TestProxy.Builder builder = new TestProxy.Builder();
    servers.forEach(server -> builder.node(server.port()));
    return builder.with(PlacementSettings.KEY_TAG, Optional.of(TagPattern.of(pattern))).start();
  }

  @Test
  void keysOfOnePartMayBeUsedTogether() {
    List<RealRedis> servers = IntStream.range(0, 3).mapToObj(i -> RealRedis.start()).toList();
    try (TestProxy proxy = proxy("^([^_]+)_", servers);
        RawClient client = proxy.connect()) {
      for (int i = 0; i < 50; i++) {
        String sku = "sku" + i;
        assertEquals(
            2L,
            client.send(
                "EVAL",
                "redis.call('SET', KEYS[1], 1) redis.call('SET', KEYS[2], 2) return #KEYS",
                "2",
                sku + "_start",
                sku + "_count"));
        assertEquals(List.of("1", "2"), client.send("MGET", sku + "_start", sku + "_count"));
      }
      assertEquals(100L, client.send("DBSIZE"));
      for (RealRedis server : servers) {
        try (RawClient direct = server.connect()) {
          assertEquals(0L, ((Long) direct.send("DBSIZE")) % 2);
        }
      }
      String[] others = {"EVAL", "return 1", "3", "sku1_a", "sku2_a", "sku3_a"};
      assertInstanceOf(ErrorReply.class, client.send(others));
    } finally {
      servers.forEach(RealRedis::close);
    }
  }

  @Test
  void aKeyWithoutTheGroupIsHashedWholeAndCounted() {
    List<RealRedis> servers = IntStream.range(0, 2).mapToObj(i -> RealRedis.start()).toList();
    try (TestProxy proxy = proxy("^a(b)?", servers);
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "ac", "1"));
      assertEquals("1", client.send("GET", "ac"));
      assertEquals(2, proxy.metric("cashew_untagged_keys_total{pool=\"test\"}"));
    } finally {
      servers.forEach(RealRedis::close);
    }
  }
}
