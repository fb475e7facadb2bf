package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Cluster of two servers whose words and maps are those of the test. */
@Timeout(60)
final class StrangeClusterTest {
  private static final String A = "a".repeat(40);
  private static final String B = "b".repeat(40);

  private final MisbehavingNode first = MisbehavingNode.start();
  private final MisbehavingNode second = MisbehavingNode.start();

  /** What both answer to {@code CLUSTER NODES} and {@code CLUSTER SLOTS}; bytes. */
  private volatile String nodes = map("0-16383", "");

  private volatile String slots = "*0\r\n";

  /** The same to the question how many databases there are, which few servers know. */
  private volatile String databases = "*0\r\n";

  @AfterEach
  void stop() {
    first.close();
    second.close();
  }

  private String map(String slotsOfFirst, String slotsOfSecond) {
    return MisbehavingNode.bulk(
        line(A, first, slotsOfFirst, "master", 1)
            + line(B, second, slotsOfSecond, "myself,master", 2));
  }

  private static String line(
      String id, MisbehavingNode server, String its, String flags, int epoch) {
    return "%s 127.0.0.1:%d@%d %s - 0 0 %d connected %s\n"
        .formatted(id, server.port(), server.port(), flags, epoch, its);
  }

  private void answer(MisbehavingNode server, String getting) {
    server.behave(
        (connection, request) -> {
          String said = aboutTheCluster(request);
          boolean gets = request.get(0).equals("GET") && !getting.isEmpty();
          connection.reply(!said.isEmpty() ? said : gets ? getting : server.honestReply(request));
        });
  }

  private String aboutTheCluster(List<String> request) throws IOException {
    return switch (String.join(" ", request).toUpperCase(Locale.ROOT)) {
      case "CLUSTER NODES" -> nodes;
      case "CLUSTER SLOTS" -> slots;
      case "CLUSTER INFO" ->
          MisbehavingNode.bulk("cluster_state:ok\r\ncluster_current_epoch:1\r\n");
      case "CONFIG GET CLUSTER-DATABASES" -> databases;
      default -> "";
    };
  }

  private TestProxy serve(long failoverWaitMillis) {
    TestProxy proxy =
        new TestProxy.Builder()
            .workers(1)
            .timeoutMillis(10_000)
            .clusterAt(first.port(), second.port())
            .with(ClusterSettings.REFRESH, 1_000L)
            .with(HealthSettings.FAILOVER_WAIT, failoverWaitMillis)
            .start();
    try (RawClient client = proxy.connect()) {
      Await.until("the map is known", () -> "OK".equals(client.send("SET", "other", "x")));
    }
    return proxy;
  }

  private static double questions(TestProxy proxy) {
    return proxy.metric("cashew_cluster_questions_total");
  }

  @Test
  void howeverManyRequestsAreRedirectedItIsAskedTenTimesASecond() {
    answer(second, "");
    second.put("key", "value");
    int another = RealCluster.slotOf("key") + 1; // what it says of the slot itself is remembered
    answer(first, "-MOVED " + another + " 127.0.0.1:" + second.port() + "\r\n");
    try (TestProxy proxy = serve(1_000);
        RawClient client = proxy.connect()) {
      long began = System.nanoTime();
      double before = questions(proxy);
      int requests = 0;
      // The map says otherwise for ever, so each request is redirected: a reason to ask, each time.
      while (requests < 20_000 || questions(proxy) < before + 5) {
        for (int i = 0; i < 500; i++) {
          client.write(RawClient.request("GET", "key"));
        }
        for (int i = 0; i < 500; i++) {
          assertEquals("value", client.read());
        }
        requests += 500;
      }
      double asked = questions(proxy) - before;
      long millis = (System.nanoTime() - began) / 1_000_000;
      assertTrue(asked <= 1 + millis / 100, asked + " questions in " + millis + " ms");
    }
  }

  /** As Valkey from 9.0 on may be configured. */
  @Test
  void whereServersHaveSeveralDatabasesOneMayBeSelectedAndIsTheSameBehindEachRedirection() {
    databases = "*2\r\n" + MisbehavingNode.bulk("cluster-databases") + MisbehavingNode.bulk("16");
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    String key = RealCluster.keyOf(7);
    Map<Object, String> selected = new ConcurrentHashMap<>();
    String[] redirection = {"-ASK 7 127.0.0.1:" + second.port() + "\r\n"};
    for (MisbehavingNode server : List.of(first, second)) {
      server.behave(
          (connection, request) -> {
            if (request.get(0).equals("SELECT")) {
              selected.put(connection, request.get(1));
            }
            boolean isOfKey = request.contains(key);
            if (isOfKey || request.get(0).equals("ASKING")) {
              String who = server == first ? "first" : "second";
              String in = selected.getOrDefault(connection, "0");
              seen.add(who + " " + in + " " + request.get(0));
            }
            String said = aboutTheCluster(request);
            boolean isElsewhere = isOfKey && server == first;
            boolean isOk = List.of("SELECT", "ASKING").contains(request.get(0));
            connection.reply(
                !said.isEmpty()
                    ? said
                    : isElsewhere
                        ? redirection[0]
                        : isOk ? "+OK\r\n" : server.honestReply(request));
          });
    }
    try (TestProxy proxy = serve(1_000);
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SELECT", "3"));
      assertEquals("OK", client.send("SET", key, "v"));
      redirection[0] = "-MOVED 7 127.0.0.1:" + second.port() + "\r\n";
      assertEquals("v", client.send("GET", key));
      assertEquals(
          List.of("first 3 SET", "second 3 ASKING", "second 3 SET", "first 3 GET", "second 3 GET"),
          List.copyOf(seen));
      assertEquals(new ErrorReply("ERR DB index is out of range"), client.send("SELECT", "16"));
      assertEquals("OK", client.send("SELECT", "15"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MOVED",
        "MOVED x y",
        "MOVED 99999 127.0.0.1:1",
        "ASK 1",
        "ASK 70000 a:1",
        "MOVED  a:1"
      })
  void aRedirectionThatIsNoneIsNoReplyOfARequest(String words) {
    answer(first, "-" + words + "\r\n");
    answer(second, "");
    for (long wait : List.of(0L, 300L)) {
      try (TestProxy proxy = serve(wait);
          RawClient client = proxy.connect()) {
        ErrorReply error = assertInstanceOf(ErrorReply.class, client.send("GET", "key"));
        assertTrue(
            error.text().startsWith("CLUSTERDOWN The request was not executed: node '"),
            error.text());
        assertEquals("OK", client.send("SET", "key", "value"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MOVED 1 nowhere",
        "MOVED 1 127.0.0.1:99999",
        "ASK 1 ?:7000",
        "MOVED 1 a:b:c",
        "ASK 1 :0"
      })
  void aRedirectionToNobodyEndsInWordsOfACluster(String words) {
    answer(first, "-" + words + "\r\n");
    answer(second, "");
    try (TestProxy proxy = serve(100);
        RawClient client = proxy.connect()) {
      ErrorReply error = assertInstanceOf(ErrorReply.class, client.send("GET", "key"));
      assertTrue(error.text().startsWith("CLUSTERDOWN The request was not executed: "));
      assertEquals("OK", client.send("SET", "key", "value"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*-1\r\n",
        "$-1\r\n",
        ":5\r\n",
        "-ERR no\r\n",
        "$3\r\nabc\r\n",
        "$0\r\n\r\n",
        "$20\r\na b c d e f g h i j \r\n",
        "*1\r\n*3\r\n:0\r\n:16383\r\n*0\r\n",
        "*2\r\n:1\r\n:2\r\n",
        "*1\r\n*3\r\n$1\r\nx\r\n$-1\r\n*2\r\n$-1\r\n:0\r\n",
        "*1\r\n*3\r\n:-5\r\n:99999\r\n*2\r\n$9\r\n127.0.0.1\r\n:99999\r\n",
        "!! this is no RESP\r\n",
        "*1000000000\r\n",
      })
  void nonsenseChangesNothing(String bytes) {
    answer(first, "");
    answer(second, "");
    first.put("key", "value");
    try (TestProxy proxy = serve(1_000);
        RawClient client = proxy.connect()) {
      assertEquals("value", client.send("GET", "key"));
      nodes = bytes;
      slots = bytes;
      double before = questions(proxy);
      Await.until("it is asked in vain", () -> questions(proxy) > before + 2);
      assertEquals("value", client.send("GET", "key"));
      assertEquals(0, proxy.metric("cashew_cluster_uncovered_slots"));
      nodes = map("0-100", "101-16383");
      slots = "*0\r\n";
      Await.until("it is believed again", () -> client.send("GET", "key") == null);
    }
  }

  private static String subscribed(String channel) {
    return "*3\r\n" + MisbehavingNode.bulk("ssubscribe") + MisbehavingNode.bulk(channel) + ":1\r\n";
  }

  /** Has a server answer who subscribes to a shard channel in these words, in turns. */
  private void answerSubscribers(MisbehavingNode server, String... words) {
    Queue<String> left = new ConcurrentLinkedQueue<>(List.of(words));
    server.behave(
        (connection, request) -> {
          String said = aboutTheCluster(request);
          boolean subscribes = request.get(0).equalsIgnoreCase("SSUBSCRIBE");
          String next = subscribes && left.size() > 1 ? left.remove() : left.peek();
          connection.reply(
              !said.isEmpty()
                  ? said
                  : subscribes && next != null ? next : server.honestReply(request));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLUSTERDOWN The cluster is down", "LOADING", "MOVED 7 :1", "TRYAGAIN"})
  void whoSubscribesWaitsUntilTheServerTakesIt(String words) {
    String channel = RealCluster.keyOf(7);
    answerSubscribers(first, "-" + words + "\r\n", "-" + words + "\r\n", subscribed(channel));
    answer(second, "");
    try (TestProxy proxy = serve(10_000);
        RawClient client = proxy.connect()) {
      assertEquals(List.of("ssubscribe", channel, 1L), client.send("SSUBSCRIBE", channel));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 300})
  void aRedirectionOfASubscriptionReachesNobody(long wait) {
    answerSubscribers(first, "-MOVED 7 127.0.0.1:" + second.port() + "\r\n");
    answerSubscribers(second, "-MOVED 7 127.0.0.1:" + first.port() + "\r\n");
    try (TestProxy proxy = serve(wait);
        RawClient client = proxy.connect()) {
      Object said = client.send("SSUBSCRIBE", RealCluster.keyOf(7));
      ErrorReply error = assertInstanceOf(ErrorReply.class, said);
      assertTrue(
          error.text().startsWith("CLUSTERDOWN The request was not executed: no server"),
          error.text());
      assertEquals("OK", client.send("SET", RealCluster.keyOf(8), "value"));
    }
  }

  @Test
  void slotsThatNobodyHasAreRefusedAndAllOthersServed() {
    answer(first, "");
    answer(second, "");
    nodes = map("0-99", "101-16383");
    String lacking = RealCluster.keyOf(100);
    String there = RealCluster.keyOf(99);
    String other = RealCluster.keyOf(101);
    try (TestProxy proxy = serve(0);
        RawClient client = proxy.connect()) {
      ErrorReply error = new ErrorReply("CLUSTERDOWN Hash slot not served");
      assertEquals("OK", client.send("SET", there, "1"));
      assertEquals(error, client.send("GET", lacking));
      assertEquals("OK", client.send("SET", other, "2"));
      assertEquals(List.of("1", "2"), client.send("MGET", there, other));
      assertEquals(error, client.send("MGET", there, lacking, other));
      assertEquals(1, proxy.metric("cashew_cluster_uncovered_slots"));
      nodes = map("0-100", "101-16383");
      Await.until("it is served", () -> client.send("GET", lacking) == null);
    }
  }
}
