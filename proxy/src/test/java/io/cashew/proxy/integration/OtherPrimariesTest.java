package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.PublishedTopologies;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose source says that the primary of a shard is another server than before. */
@Timeout(90)
final class OtherPrimariesTest {
  private final PublishedTopologies published = new PublishedTopologies();
  private final Opened open = new Opened();

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    open.close();
  }

  private RealRedis redis(String who) {
    RealRedis redis = open.keep(RealRedis.start());
    try (RawClient client = redis.connect()) {
      client.send("SET", "who", who);
    }
    return redis;
  }

  private MisbehavingNode node(String who) {
    MisbehavingNode node = open.keep(MisbehavingNode.start());
    node.put("who", who);
    return node;
  }

  private TestProxy proxy(int port) {
    return open.keep(
        new TestProxy.Builder().workers(2).node("n0", port).sources(published).start());
  }

  private static void awaitAnswer(RawClient client, String answer) {
    Await.until(answer, () -> answer.equals(client.send("GET", "who")));
  }

  /** Connections of others than the one that asks. */
  private static long connections(RealRedis of) {
    try (RawClient client = of.connect()) {
      return ((String) client.send("CLIENT", "LIST")).lines().count() - 1;
    }
  }

  @Test
  void noRequestFailsWhileTopologiesFollowEachOtherQuickly() throws Exception {
    List<RealRedis> servers = List.of(redis("0"), redis("1"), redis("2"));
    TestProxy proxy = proxy(servers.get(0).port());
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong requests = new AtomicLong();
    List<CompletableFuture<Object>> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(
          CompletableFuture.supplyAsync(
              () -> {
                try (RawClient client = proxy.connect()) {
                  while (!over.get()) {
                    client.write(RawClient.request("SET", "k", "v"));
                    client.write(RawClient.request("GET", "who"));
                    Object first = client.read();
                    Object second = client.read();
                    if (!"OK".equals(first) || !List.of("0", "1", "2").contains(second)) {
                      return first + ", " + second;
                    }
                    requests.incrementAndGet();
                  }
                  return client.send("GET", "who");
                }
              }));
    }
    for (int round = 1; round <= 30; round++) {
      published.primary("n0", servers.get(round % 3).port());
      published.primary("n0", servers.get((round + 1) % 3).port());
      long before = requests.get();
      Await.until("requests go on", () -> requests.get() > before + 20);
    }
    published.primary("n0", servers.get(0).port());
    published.primary("n0", servers.get(2).port());
    try (RawClient one = proxy.connect();
        RawClient other = proxy.connect()) {
      awaitAnswer(one, "2");
      awaitAnswer(other, "2");
    }
    Await.until("no connection is left at the first", () -> connections(servers.get(0)) == 0);
    Await.until("nor at the second", () -> connections(servers.get(1)) == 0);
    over.set(true);
    for (CompletableFuture<Object> each : clients) {
      assertEquals("2", Await.result(each));
    }
    assertTrue(connections(servers.get(2)) > 0);
  }

  @Test
  void theFormerPrimaryGetsNothingMoreAndWhatIsInFlightThereEnds() throws Exception {
    MisbehavingNode former = node("former");
    MisbehavingNode next = node("next");
    TestProxy proxy =
        open.keep(
            new TestProxy.Builder()
                .workers(2)
                .timeoutMillis(60_000)
                .node("n0", former.port())
                .sources(published)
                .start());
    RawClient waiting = open.keep(proxy.connect());
    assertEquals("former", waiting.send("GET", "who"));
    long counted = proxy.node("n0", "requests_total");
    Queue<MisbehavingNode.Connection> owed = new ConcurrentLinkedQueue<>();
    former.behave((connection, request) -> owed.add(connection));
    waiting.write(RawClient.request("GET", "who"));
    Await.until("it is in flight", () -> !owed.isEmpty());
    published.primary("n0", next.port());
    Await.until("both workers have gone over", () -> bothGoTo(next, former, proxy));
    int before = former.requests().size();
    try (RawClient one = proxy.connect();
        RawClient other = proxy.connect()) {
      for (int i = 0; i < 20; i++) {
        assertEquals("OK", one.send("SET", "k", "v"));
        assertEquals("OK", other.send("SET", "k", "v"));
      }
    }
    waiting.write(RawClient.request("GET", "who"));
    for (MisbehavingNode.Connection each : owed) {
      each.reply(MisbehavingNode.bulk("late"));
    }
    assertEquals("late", waiting.read());
    assertEquals("next", waiting.read());
    Await.until("its connections are closed", () -> former.connections() == 0);
    assertEquals(
        List.of(),
        former.requests().subList(before, former.requests().size()).stream()
            .filter(each -> each.contains("GET") || each.contains("SET"))
            .toList());
    assertTrue(
        proxy.node("n0", "requests_total") > counted, "a shard keeps its counters with its name");
  }

  /** Has a client of each worker ask, whose reply may not come. */
  private static boolean bothGoTo(MisbehavingNode next, MisbehavingNode former, TestProxy proxy) {
    long reached = next.count("GET");
    long missed = former.count("GET");
    try (RawClient one = proxy.connect();
        RawClient other = proxy.connect()) {
      one.write(RawClient.request("GET", "who"));
      other.write(RawClient.request("GET", "who"));
      Await.until(
          "both are sent", () -> next.count("GET") - reached + former.count("GET") - missed == 2);
    }
    return next.count("GET") - reached == 2;
  }

  @Test
  void blockedClientsAreToldThatTheyAreNoLonger() {
    RealRedis former = redis("former");
    RealRedis next = redis("next");
    TestProxy proxy = proxy(former.port());
    RawClient blocked = open.keep(proxy.connect());
    blocked.write(RawClient.request("BLPOP", "queue", "0"));
    try (RawClient direct = former.connect()) {
      Await.until(
          "it waits",
          () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:1"));
    }
    published.primary("n0", next.port());
    String told = String.valueOf(blocked.read());
    assertTrue(told.contains("UNBLOCKED "), told);
    blocked.write(RawClient.request("BLPOP", "queue", "0"));
    try (RawClient client = proxy.connect()) {
      assertEquals(1L, client.send("RPUSH", "queue", "job"));
    }
    assertEquals(List.of("queue", "job"), blocked.read());
  }

  @Test
  void whoTracksKeysForgetsThemAndHearsOfTheNewPrimary() {
    RealRedis former = redis("former");
    RealRedis next = redis("next");
    TestProxy proxy = proxy(former.port());
    RawClient client = open.keep(proxy.connect());
    client.write(RawClient.request("HELLO", "3"));
    client.readUntil("modules\r\n*0\r\n");
    assertEquals("OK", client.send("CLIENT", "TRACKING", "ON"));
    assertEquals("former", client.send("GET", "who"));
    published.primary("n0", next.port());
    String forgetAll = ">2\r\n$10\r\ninvalidate\r\n_\r\n";
    assertEquals(forgetAll, client.readBytes(forgetAll.length()));
    client.write(RawClient.request("GET", "who"));
    client.readUntil("$4\r\nnext\r\n"); // it may be told to forget once more before
    try (RawClient direct = next.connect()) {
      assertEquals("OK", direct.send("SET", "who", "changed"));
    }
    assertTrue(client.readUntil("who\r\n").contains("invalidate"));
  }

  @Test
  void messagesComeFromTheNewPrimaryAndNoneTwice() {
    RealRedis former = redis("former");
    RealRedis next = redis("next");
    TestProxy proxy = proxy(former.port());
    RawClient subscriber = open.keep(proxy.connect());
    RawClient publisher = open.keep(proxy.connect());
    assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
    int sent = 0;
    for (RealRedis to : List.of(next, former, next, former)) {
      published.primary("n0", to.port());
      awaitAnswer(publisher, to == next ? "next" : "former");
      for (int i = 0; i < 3; i++) {
        String message = String.valueOf(sent++);
        assertEquals(1L, publisher.send("PUBLISH", "news", message));
        assertEquals(List.of("message", "news", message), subscriber.read());
      }
    }
  }

  @Test
  void aPrimaryThatDoesNotAnswerIsNotWaitedForAndAnotherOneTakesItsPlace() {
    MisbehavingNode former = node("former");
    MisbehavingNode hangs = node("hangs").behave(MisbehavingNode.SILENT);
    RealRedis next = redis("next");
    RealRedis first = redis("first");
    TestProxy proxy = proxy(first.port());
    RawClient subscriber = open.keep(proxy.connect());
    assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
    RawClient client = open.keep(proxy.connect());
    assertEquals("first", client.send("GET", "who"));
    published.primary("n0", hangs.port());
    Await.until("it is listened to", () -> hangs.count("subscribe") > 0);
    client.write(RawClient.request("GET", "who"));
    // Whether the change was installed by then: one of both has the request.
    published.primary("n0", former.port());
    published.primary("n0", next.port());
    Await.until("a client reaches it", () -> answers(proxy, "next"));
    assertEquals(0, former.requests().stream().filter(each -> each.contains("GET")).count());
    Await.until("nothing is left at the first", () -> connections(first) == 0);
  }

  private static boolean answers(TestProxy proxy, String who) {
    try (RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      client.write(RawClient.request("GET", "who"));
      other.write(RawClient.request("GET", "who"));
      return who.equals(client.read()) && who.equals(other.read());
    }
  }

  @Test
  void aProxyThatStopsDuringAChangeLeavesNothingBehind() {
    RealRedis first = redis("first");
    MisbehavingNode hangs = node("hangs").behave(MisbehavingNode.SILENT);
    MisbehavingNode next = node("next");
    try (TestProxy proxy =
        new TestProxy.Builder().workers(2).node("n0", first.port()).sources(published).start()) {
      try (RawClient subscriber = proxy.connect()) {
        assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
        published.primary("n0", hangs.port());
        Await.until("it is listened to", () -> hangs.count("subscribe") > 0);
        published.primary("n0", next.port());
      }
    }
    Await.until("nothing is left", () -> hangs.connections() + next.connections() == 0);
    assertEquals(0, connections(first));
  }

  @Test
  void aFileThatIsReadAgainKeepsThePrimaryThatTheSourceKnows() {
    RealRedis former = redis("former");
    RealRedis next = redis("next");
    int port = FreePorts.next();
    String nodes = "\"127.0.0.1:%d:1 n0\"".formatted(former.port());
    FileProxy proxy =
        open.keep(
            FileProxy.start(directory.resolve("c.conf"), config(port, "1s", nodes), published));
    RawClient client = open.keep(new RawClient(port));
    assertEquals("former", client.send("GET", "who"));
    published.primary("n0", next.port());
    awaitAnswer(client, "next");
    proxy.take(config(port, "2s", nodes));
    assertEquals("next", client.send("GET", "who"));
    proxy.take(config(port, "2s", nodes + ", \"127.0.0.1:%d:1 n1\"".formatted(next.port())));
    assertEquals("next", client.send("GET", "who"));
    assertEquals(
        List.of("127.0.0.1:" + next.port(), "127.0.0.1:" + next.port()),
        proxy.view().pools().get(0).nodes().stream().map(node -> node.address()).toList());
  }

  private static String config(int port, String timeout, String nodes) {
    return """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false
        pools.p { listen = "127.0.0.1:%d", hash = murmur, timeout = %s, nodes = [%s] } }
        """
        .formatted(port, timeout, nodes);
  }

  @Test
  void theSourceHearsOfLostServers() {
    MisbehavingNode former = node("former");
    TestProxy proxy = proxy(former.port());
    former.stop();
    try (RawClient client = proxy.connect()) {
      client.send("GET", "who");
    }
    Await.until(
        "the source knows",
        () ->
            published
                .hints()
                .contains(new Hint.Lost(new ServerId("127.0.0.1:" + former.port(), 0))));
  }
}
