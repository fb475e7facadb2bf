package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has happened to a process is there to be asked for. */
final class EventsTest {
  private final RealRedis redis = RealRedis.start();
  private final int port = FreePorts.next();
  private final int admin = FreePorts.next();
  private final Path file;
  private final ProxyProcess proxy;

  EventsTest(@TempDir Path directory) throws IOException {
    file = directory.resolve("cashew.conf");
    Files.writeString(file, config("eject.enabled = true"));
    proxy = ProxyProcess.serve(file).awaitReady();
  }

  private String config(String line) {
    return """
        cashew { admin.listen = "127.0.0.1:%d", workers = 1
          pools.p { listen = "127.0.0.1:%d", timeout = 300ms, retry-after = 300ms, failure-limit = 1
            %s
            nodes = ["127.0.0.1:%d:1 a", "127.0.0.1:%d:1 b"] } }
        """
        .formatted(admin, port, line, redis.port(), redis.port());
  }

  @AfterEach
  void stop() {
    proxy.close();
    redis.close();
  }

  private String get(String path) {
    try {
      URLConnection connection =
          URI.create("http://127.0.0.1:" + admin + path).toURL().openConnection();
      connection.setReadTimeout(30_000);
      try (var in = connection.getInputStream()) {
        return new String(in.readAllBytes(), UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<JSONObject> events(String query) {
    JSONArray events = new JSONObject(get("/api/events" + query)).getJSONArray("events");
    return IntStream.range(0, events.length()).mapToObj(events::getJSONObject).toList();
  }

  private List<JSONObject> await(String kind, int count) {
    Await.until(
        () -> kind + ": " + get("/api/events"), () -> events("?kind=" + kind).size() >= count);
    return events("?kind=" + kind);
  }

  @Test
  void aNodeThatGoesAndComesBackIsThereWithTheTimeItWasAway() {
    assertEquals(1, await("started", 1).size());
    redis.freeze();
    try (RawClient client = new RawClient(port)) {
      client.write(RawClient.request("GET", "k"));
      JSONObject down = await("node-down", 1).get(0);
      assertEquals("p", down.getString("pool"));
      assertEquals("WARN", down.getString("level"));
      assertTrue(List.of("a", "b").contains(down.getString("node")), down.toString());
      redis.thaw();
      JSONObject up = await("node-up", 1).get(0);
      assertTrue(up.getLong("millis") > 0, up.toString());
      assertTrue(up.getLong("id") > down.getLong("id"));
      assertEquals(List.of(), events("?pool=other"));
      assertTrue(
          events("?after=" + down.getLong("id")).stream()
              .noneMatch(each -> each.getLong("id") <= down.getLong("id")));
    }
  }

  @Test
  void theLevelOfTheLogHidesNoEvent() throws IOException {
    Files.writeString(file, "cashew.log.level = warn\n" + config("timeout = 2s"));
    proxy.signal("HUP");
    await("reloaded", 1);
    Files.writeString(file, "cashew.log.level = warn\n" + config("timeout = 3s"));
    proxy.signal("HUP");
    await("reloaded", 2);
    assertEquals(0, proxy.log().lines().filter(line -> line.contains("is in force")).count());
    Files.writeString(file, "cashew.log.level = warn\n" + config("hush = 1"));
    proxy.signal("HUP");
    proxy.awaitLog("cannot be taken over");
  }

  @Test
  void reloadsAreThereAlsoThoseThatWereRefused() throws IOException {
    Files.writeString(file, config("hush = 1"));
    proxy.signal("HUP");
    JSONObject refused = await("reload-refused", 1).get(0);
    assertTrue(refused.getString("text").contains("hush"), refused.toString());
    Files.writeString(file, config("timeout = 1s"));
    proxy.signal("HUP");
    assertEquals(1, await("reloaded", 1).size());
  }
}
