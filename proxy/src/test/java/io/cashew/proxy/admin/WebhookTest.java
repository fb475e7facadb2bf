package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.cashew.proxy.event.Event;
import io.cashew.proxy.metrics.WebhookCounts;
import io.cashew.proxy.metrics.WebhookResult;
import io.cashew.proxy.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;

/** Who is told of events, how often, and what becomes of those that nobody takes. */
final class WebhookTest {
  private static final Webhook.Target TARGET =
      new Webhook.Target(
          URI.create("http://127.0.0.1:1/"), Optional.of("secret"), List.of("node-down"));

  private final WebhookCounts counts = new WebhookCounts();
  private final List<String> sent = new ArrayList<>();
  private final List<Long> pauses = new ArrayList<>();
  private int status = 200;

  private final Webhook webhook =
      new Webhook(
          "here",
          counts,
          (to, body) -> {
            sent.add(body);
            if (status == 0) {
              throw new IOException("nobody there");
            }
            return status;
          },
          pauses::add);

  private static Event event(long id, String kind) {
    return new Event(id, 0, "WARN", kind, "p", "a", -1, "node a is down");
  }

  private long count(WebhookResult result) {
    return counts.count(result);
  }

  @Test
  void whatIsTakenIsSentOnce() throws InterruptedException {
    webhook.follow(TARGET);
    webhook.send(event(7, "node-down"));
    assertEquals(1, sent.size());
    JSONObject body = new JSONObject(sent.get(0));
    assertEquals("here", body.getString("proxy"));
    assertEquals("node-down", body.getString("kind"));
    assertEquals("1970-01-01T00:00:00Z", body.getString("at"));
    assertEquals(List.of(), pauses);
    assertEquals(1, count(WebhookResult.SENT));
    webhook.close();
  }

  @Test
  void whatIsNotTakenIsSentAFewTimesAndLost() throws InterruptedException {
    webhook.follow(TARGET);
    status = 503;
    webhook.send(event(1, "node-down"));
    assertEquals(Webhook.ATTEMPTS, sent.size());
    assertEquals(List.of(1000L, 2000L, 4000L, 8000L), pauses);
    status = 0;
    webhook.send(event(2, "node-down"));
    assertEquals(2L * Webhook.ATTEMPTS, sent.size());
    assertEquals(2, count(WebhookResult.FAILED));
    assertEquals(0, count(WebhookResult.SENT));
    webhook.close();
  }

  @Test
  void whatWaitsWhenNobodyIsToBeToldAnyMoreIsNotSent() throws InterruptedException {
    webhook.follow(TARGET);
    webhook.close();
    webhook.send(event(1, "node-down"));
    assertEquals(List.of(), sent);
  }

  @Test
  void whoeverNotesAnEventWaitsForNobody() {
    CountDownLatch never = new CountDownLatch(1);
    Webhook hangs =
        new Webhook(
            "here",
            counts,
            (to, body) -> {
              never.await();
              return 200;
            },
            pauses::add);
    hangs.follow(TARGET);
    for (int i = 0; i < Webhook.WAITING + 50; i++) {
      hangs.happened(event(i, "node-down"));
    }
    assertTrue(count(WebhookResult.DROPPED) >= 49, "one may be on its way");
    hangs.close();
  }

  @Test
  void onlyTheKindsThatAreWantedAreSentByHttp() throws IOException {
    Queue<String> bodies = new ConcurrentLinkedQueue<>();
    Queue<String> tokens = new ConcurrentLinkedQueue<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    try (Webhook real = new Webhook("here", counts)) {
      real.happened(event(1, "node-down"));
      real.follow(
          new Webhook.Target(
              URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook"),
              Optional.of("secret"),
              List.of("node-down")));
      real.happened(event(2, "node-up"));
      real.happened(event(3, "node-down"));
      Await.until("it is sent", () -> count(WebhookResult.SENT) == 1);
      assertEquals(3, new JSONObject(bodies.poll()).getInt("id"));
      assertEquals("Bearer secret", tokens.poll());
      assertTrue(bodies.isEmpty());
    } finally {
      server.stop(0);
    }
  }
}
