package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.InvalidateRoutes;
import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /api/invalidate}, for change feeds of databases. */
final class InvalidationTest {
  private static HttpResponse<String> post(AdminServer admin, String body) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + admin.port() + "/api/invalidate");
    return Await.result(
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString()));
  }

  private static void awaitKept(TestProxy proxy, RawClient client, String... keys) {
    for (String key : keys) {
      Await.until(
          "it is kept",
          () -> {
            double before = proxy.metric("cashew_cache_hits_total");
            client.send("GET", key);
            return proxy.metric("cashew_cache_hits_total") > before;
          });
    }
  }

  @Test
  void whatIsKeptOfKeysEndsAndIsCounted() throws Exception {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .with(CacheSettings.RULES, List.of(Rules.near("k*", 600_000)))
                .timeoutMillis(30_000)
                .node(redis.port())
                .start();
        RawClient client = proxy.connect();
        AdminServer admin =
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InvalidateRoutes.of(proxy::caches),
                AdminGuard.open())) {
      client.send("MSET", "k:1", "a", "k:2", "b", "kk", "c");
      awaitKept(proxy, client, "k:1", "k:2", "kk");
      String keys = "{\"pool\": \"test\", \"keys\": [\"k:1\", \"k:none\"]}";
      assertEquals("{\"invalidated\":1}\n", post(admin, keys).body());
      double misses = proxy.metric("cashew_cache_misses_total");
      assertEquals("a", client.send("GET", "k:1"));
      assertEquals(misses + 1, proxy.metric("cashew_cache_misses_total"));
      awaitKept(proxy, client, "k:1");
      String pattern = "{\"pool\": \"test\", \"pattern\": \"k:*\"}";
      assertEquals("{\"invalidated\":2}\n", post(admin, pattern).body());
      assertEquals("{\"invalidated\":0}\n", post(admin, pattern).body());
      assertEquals(404, post(admin, keys.replace("test", "other")).statusCode());
      assertEquals(400, post(admin, "{\"pool\": \"test\"}").statusCode());
      assertEquals(400, post(admin, "k:1").statusCode());
    }
  }

  @Test
  void ofAPoolWithRoutesItIsWhatThePoolsKeepToWhichTheyLead(@TempDir Path directory)
      throws Exception {
    int port = FreePorts.next();
    try (RealRedis redis = RealRedis.start();
        FileProxy proxy =
            FileProxy.start(
                directory.resolve("cashew.conf"),
                """
                cashew {
                  workers = 1
                  admin.listen = off
                  pools.front {
                    listen = "127.0.0.1:%d"
                    routes = [ { keys = "k:*", pool = a }, { keys = "none:*", pool = c }, { pool = b } ]
                  }
                  pools.a { nodes = [ "%2$s a" ], cache.rules = [ { match = "*", near = 1h } ] }
                  pools.b { nodes = [ "%2$s a" ], cache.rules = [ { match = "*", near = 1h } ] }
                  pools.c { nodes = [ "%2$s a" ] }
                }
                """
                    .formatted(port, redis.address()));
        RawClient client = new RawClient(port);
        AdminServer admin =
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InvalidateRoutes.of(proxy::caches),
                AdminGuard.open())) {
      client.send("MSET", "k:1", "a", "x", "b");
      for (String key : List.of("k:1", "x")) {
        Await.until(
            "it is kept",
            () -> {
              double before = proxy.metric("cashew_cache_hits_total");
              client.send("GET", key);
              return proxy.metric("cashew_cache_hits_total") > before;
            });
      }
      String keys = "{\"pool\": \"front\", \"keys\": [\"k:1\"]}";
      assertEquals("{\"invalidated\":1}\n", post(admin, keys).body());
      String pattern = "{\"pool\": \"front\", \"pattern\": \"*\"}";
      assertEquals("{\"invalidated\":1}\n", post(admin, pattern).body());
      assertEquals(404, post(admin, keys.replace("front", "c")).statusCode());
    }
  }
}
