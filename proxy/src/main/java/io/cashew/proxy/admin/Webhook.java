package io.cashew.proxy.admin;

import io.cashew.proxy.event.Event;
import io.cashew.proxy.metrics.WebhookCounts;
import io.cashew.proxy.metrics.WebhookResult;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells somebody of events by HTTP. Whoever notes an event leaves it in a bounded queue and never
 * waits; a thread, {@code webhook}, which there is from the first time that somebody is to be told,
 * sends one after the other, each a few times at most. What is lost is counted.
 */
public final class Webhook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

  static final int WAITING = 256;
  static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 1000;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int FIRST_OF_SUCCESS = 200;
  private static final int FIRST_OF_OTHERS = 300;

  /**
   * Who is told.
   *
   * @param url where
   * @param secret that is sent as a bearer token; empty: none
   * @param kinds of events
   */
  public record Target(URI url, Optional<String> secret, List<String> kinds) {}

  /** Sends a body. */
  interface Sender {
    /** The status of the answer. */
    int send(Target to, String body) throws IOException, InterruptedException;
  }

  /** Lets time pass. */
  interface Pauses {
    void pause(long millis) throws InterruptedException;
  }

  private final WebhookCounts counts;
  private final Sender sender;
  private final Pauses pauses;
  private final String proxy;
  private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(WAITING);
  private volatile @Nullable Target target;
  private @Nullable Thread thread;
  private volatile boolean failing;

  /**
   * Tells nobody yet.
   *
   * @param proxy how this one calls itself
   */
  public Webhook(String proxy, WebhookCounts counts) {
    this(proxy, counts, new Http(), Thread::sleep);
  }

  Webhook(String proxy, WebhookCounts counts, Sender sender, Pauses pauses) {
    this.proxy = proxy;
    this.counts = counts;
    this.sender = sender;
    this.pauses = pauses;
  }

  /** Tells of events from now on; null: tells nobody. */
  public synchronized void follow(@Nullable Target newTarget) {
    target = newTarget;
    if (newTarget != null && thread == null) {
      Thread sending = new Thread(this::sendAll, "webhook");
      sending.setDaemon(true);
      sending.start();
      thread = sending;
    }
  }

  /** Something has happened: it waits to be told of, if it is to be. Never blocks. */
  public void happened(Event event) {
    Target to = target;
    if (to != null && to.kinds().contains(event.kind()) && !waiting.offer(event)) {
      counts.add(WebhookResult.DROPPED);
    }
  }

  private void sendAll() {
    try {
      while (true) {
        send(waiting.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends one event until it is taken, as often as may be. */
  void send(Event event) throws InterruptedException {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      Target to = target;
      if (to == null) {
        return; // nobody is to be told any more
      }
      String problem = attempt(to, event);
      if (problem == null) {
        counts.add(WebhookResult.SENT);
        failing = false;
        return;
      }
      if (attempt == ATTEMPTS) {
        counts.add(WebhookResult.FAILED);
        tell(to, problem);
        return;
      }
      pauses.pause(pauseMillis);
      pauseMillis *= 2;
    }
  }

  /** Null: it was taken. */
  private @Nullable String attempt(Target to, Event event) throws InterruptedException {
    Map<String, @Nullable Object> body = Json.object("proxy", proxy);
    body.putAll(EventJson.of(event));
    try {
      int status = sender.send(to, Json.text(body));
      return status >= FIRST_OF_SUCCESS && status < FIRST_OF_OTHERS ? null : "it answers " + status;
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Once, until it goes on; and no event, which would have to be told of. */
  private void tell(Target to, String problem) {
    if (!failing) {
      failing = true;
      LOG.warn("events are lost for {}: {}", to.url().getHost(), problem);
    }
  }

  @Override
  public synchronized void close() {
    target = null;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** By the JDK's client, which there is when something is first sent. */
  private static final class Http implements Sender {
    private @Nullable HttpClient client;

    @Override
    public int send(Target to, String body) throws IOException, InterruptedException {
      HttpClient http = client;
      if (http == null) {
        client = http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
      }
      HttpRequest.Builder request =
          HttpRequest.newBuilder(to.url())
              .timeout(TIMEOUT)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
      to.secret().ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }
}
