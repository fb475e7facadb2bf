package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ApiRoutes;
import io.cashew.proxy.admin.CacheRoutes;
import io.cashew.proxy.admin.Route;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of a cache: by its counters, at its addresses, and to clients. */
final class SeenCacheTest {
  private final Path directory;
  private final RealRedis redis = RealRedis.start();
  private final RawClient direct = redis.connect();
  private final int port = FreePorts.next();
  private FileProxy proxy;
  private RawClient client;

  SeenCacheTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void start() {
    String cache =
        """
        hot-keys.sample = 1
        timeout = 200ms
        cache { memory = 256KiB, rules = [
          { match = "k:*", near = 1h, missing = 1h }
          { match = "l:*", lease = 100ms }
          { match = "n:*" }
        ] }
        """;
    proxy =
        FileProxy.start(
            directory.resolve("cashew.conf"), FileProxy.config(port, 1, List.of(redis), cache));
    client = new RawClient(port);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    direct.close();
    redis.close();
  }

  private void awaitKept(String key) {
    Await.until(
        key + " is kept",
        () -> {
          double before = proxy.metric("cashew_cache_hits_total");
          client.send("GET", key);
          return proxy.metric("cashew_cache_hits_total") > before;
        });
  }

  /** Which is looked at now and then, not when something is kept. */
  private void awaitHeard() {
    Await.until("it is heard", () -> proxy.metric("cashew_node_cache_unheard") == 0);
  }

  private String get(String path) throws Exception {
    List<Route> routes = new ArrayList<>(ApiRoutes.of(proxy::view));
    routes.addAll(CacheRoutes.of(proxy::view));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (AdminServer admin = AdminServer.start(any, routes, AdminGuard.open())) {
      URI uri = URI.create("http://127.0.0.1:" + admin.port() + path);
      return Await.result(
              HttpClient.newHttpClient()
                  .sendAsync(
                      HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()))
          .body();
    }
  }

  @Test
  void theRulesOfACacheAreShownWithWhatTheyHaveDone() throws Exception {
    client.send("SET", "k:1", "v");
    awaitKept("k:1");
    Await.until("it is counted", () -> proxy.metric("cashew_cache_entries") == 1);
    awaitHeard();
    String shown = get("/api/cache?pool=p");
    assertTrue(shown.contains("{\"name\":\"p\",\"memoryBytes\":262144,\"bytes\":"), shown);
    assertTrue(shown.contains("\"unheard\":[],"), shown);
    assertTrue(
        shown.contains(
            "{\"match\":\"k:*\",\"does\":\"near = 3600s, missing = 3600s\",\"hitRatio\":0."),
        shown);
    assertTrue(shown.contains("{\"match\":\"n:*\",\"does\":\"\",\"hitRatio\":null,"), shown);
    assertEquals("{\"pools\":[]}\n", get("/api/cache?pool=q"));
  }

  @Test
  void whatIsForgottenToMakeRoomIsCounted() {
    for (int i = 0; i < 1000; i++) {
      client.send("SET", "k:" + i, "x".repeat(1000));
    }
    Await.until(
        "some are forgotten",
        () -> {
          for (int i = 0; i < 1000; i++) {
            client.send("GET", "k:" + i);
          }
          return proxy.metric("cashew_cache_evictions_total{pool=\"p\",rule=\"k:*\"}") > 0;
        });
    assertEquals(0, proxy.metric("cashew_cache_evictions_total{pool=\"p\",rule=\"l:*\"}"));
  }

  @Test
  void whoHasWaitedInVainIsCounted() {
    assertEquals("null", String.valueOf(client.send("GET", "l:1")));
    try (RawClient waiter = new RawClient(port)) {
      assertEquals("null", String.valueOf(waiter.send("GET", "l:1")));
    }
    assertEquals(1, proxy.metric("cashew_cache_lease_timeouts_total{pool=\"p\",rule=\"l:*\"}"));
  }

  @Test
  void aNodeThatIsNotHeardIsSaidToBe() throws Exception {
    client.send("SET", "k:1", "v");
    awaitKept("k:1");
    awaitHeard();
    redis.freeze();
    Await.until("it is not heard", () -> proxy.metric("cashew_node_cache_unheard") == 1);
    assertTrue(get("/api/cache").contains("\"unheard\":[\"a\"],"));
    redis.thaw();
    awaitHeard();
  }

  @Test
  void forHowLongAHotKeyIsStillGivenIsSaid() throws Exception {
    client.send("SET", "k:hot", "v");
    awaitKept("k:hot");
    client.send("SET", "other", "v");
    for (int i = 0; i < 2000; i++) {
      client.send("GET", i % 3 == 0 ? "other" : "k:hot");
    }
    Await.until(
        "both are told", () -> client.send("HOTKEYS", "2") instanceof List<?> l && l.size() == 2);
    List<?> hot = (List<?>) client.send("HOTKEYS", "2");
    List<?> first = (List<?>) hot.get(0);
    assertEquals(List.of("k:hot", "a"), List.of(first.get(0), first.get(2)));
    long millis = (Long) first.get(3);
    assertTrue(millis > 3_000_000 && millis <= 3_600_000, "" + millis);
    assertEquals(-2L, ((List<?>) hot.get(1)).get(3));
    String shown = get("/api/hotkeys");
    assertTrue(shown.matches("(?s).*\"node\":\"a\",\"keptMillis\":3[345]\\d{5}}.*"), shown);
    assertTrue(shown.contains("\"keptMillis\":null"), shown);
  }
}
