package io.cashew.proxy.integration;

import static io.cashew.proxy.testing.ReplicatedServers.WHO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ReadFrom;
import io.cashew.proxy.config.ReadSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.ReplicatedServers;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who answers what only reads, in front of a real primary and two real replicas. */
final class ReadsFromReplicasTest {
  private static final int CLIENTS = 8;

  private final ReplicatedServers servers = new ReplicatedServers();
  private final List<RawClient> clients = new ArrayList<>();
  private final List<TestProxy> proxies = new ArrayList<>();

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    proxies.forEach(TestProxy::close);
    servers.close();
  }

  private TestProxy.Builder builder(ReadFrom from) {
    return new TestProxy.Builder()
        .workers(2)
        .among("n", servers.ports())
        .with(ReadSettings.FROM, from);
  }

  private TestProxy start(TestProxy.Builder of) {
    TestProxy proxy = of.start();
    proxies.add(proxy);
    connect();
    return proxy;
  }

  /** Whom each client is answered by; none may have an error. */
  private List<String> answers() {
    List<String> answers = new ArrayList<>();
    for (RawClient client : clients) {
      Object answer = client.send("GET", WHO);
      assertInstanceOf(String.class, answer, () -> "" + answer);
      answers.add((String) answer);
    }
    return answers;
  }

  /**
   * Has clients of whom each replica answers some. Who asks while one replica is known stays with
   * it for good.
   */
  private void connectUntilBothAnswer() {
    connectUntilAnsweredBy("first", "second");
  }

  private void connectUntilAnsweredBy(String... who) {
    Set<String> wanted = Set.of(who);
    Await.until(
        () -> "each of " + wanted + " answers some: " + answers(),
        () -> {
          clients.forEach(RawClient::close);
          clients.clear();
          connect();
          return wanted.equals(new HashSet<>(answers()));
        });
  }

  private void connect() {
    TestProxy proxy = proxies.get(proxies.size() - 1);
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(proxy.connect());
    }
  }

  /** Waits until clients are answered by these and by nobody else. */
  private void awaitAnswersOf(String... who) {
    Set<String> wanted = Set.of(who);
    List<List<String>> last = new ArrayList<>();
    Await.until(
        () -> wanted + " answer: " + last,
        () -> {
          last.clear();
          last.add(answers());
          return wanted.equals(new HashSet<>(last.get(0)));
        });
  }

  private static double readsAtReplicas(TestProxy proxy) {
    return proxy.metric("cashew_node_reads_total{kind=\"replica\"");
  }

  private static @Nullable Object say(RealRedis to, String... words) {
    try (RawClient client = to.connect()) {
      return client.send(words);
    }
  }

  @Test
  void eachClientStaysOnOneReplica() {
    TestProxy proxy = start(builder(ReadFrom.PREFER_REPLICA));
    connectUntilBothAnswer();
    List<String> before = answers();
    for (int i = 0; i < 50; i++) {
      assertEquals(before, answers());
    }
    assertTrue(readsAtReplicas(proxy) > 50 * CLIENTS);
  }

  @Test
  void readsGoToThePrimaryUnlessTheFileSaysOtherwise() {
    TestProxy proxy = start(builder(ReadFrom.PRIMARY));
    awaitAnswersOf("primary");
    assertEquals(0, readsAtReplicas(proxy));
  }

  @Test
  void primaryAndReplicasAnswerAlike() {
    TestProxy proxy = start(builder(ReadFrom.ANY));
    connectUntilAnsweredBy("first", "second", "primary");
    assertTrue(readsAtReplicas(proxy) > 0);
  }

  @Test
  void thoseInTheZoneOfTheProxyAnswer() {
    Map<String, String> zones =
        Map.of(
            servers.first().address(), "b",
            servers.second().address(), "a",
            servers.primary().address(), "b");
    TestProxy.Builder builder =
        builder(ReadFrom.NEAREST).with(ReadSettings.ZONE, "a").with(ReadSettings.ZONES, zones);
    TestProxy proxy = start(builder);
    connectAnewUntil(proxy, "second");
    servers.second().freeze();
    awaitAnswersOf("first", "primary");
    servers.second().thaw();
    connectAnewUntil(proxy, "second");
  }

  /** New clients, since those that there are stay where they are. */
  private void connectAnewUntil(TestProxy proxy, String who) {
    Await.until(
        () -> who + " answers new clients",
        () -> {
          clients.forEach(RawClient::close);
          clients.clear();
          for (int i = 0; i < CLIENTS; i++) {
            clients.add(proxy.connect());
          }
          return Set.of(who).equals(new HashSet<>(answers()));
        });
  }

  @Test
  void aFrozenReplicaIsGoneAround() {
    TestProxy proxy = start(builder(ReadFrom.PREFER_REPLICA));
    connectUntilBothAnswer();
    servers.first().freeze();
    awaitAnswersOf("second"); // what was in flight at the first is answered by the primary
    servers.first().thaw();
    connectAnewUntilBoth(proxy);
  }

  private void connectAnewUntilBoth(TestProxy proxy) {
    Await.until(
        () -> "both answer new clients: " + answers(),
        () -> {
          clients.forEach(RawClient::close);
          clients.clear();
          for (int i = 0; i < CLIENTS; i++) {
            clients.add(proxy.connect());
          }
          return Set.of("first", "second").equals(new HashSet<>(answers()));
        });
  }

  @Test
  void aReplicaWithoutItsPrimaryIsNotReadFromUntilItHasCaughtUp() {
    try (RealRedis stranger = RealRedis.start()) {
      TestProxy proxy = start(builder(ReadFrom.PREFER_REPLICA));
      connectUntilBothAnswer();
      servers.link().refuse();
      servers.link().drop(FaultyLink.End.RST);
      awaitAnswersOf("first");
      servers.link().heal();
      connectAnewUntilBoth(proxy);
      say(servers.first(), "REPLICAOF", "127.0.0.1", "" + stranger.port());
      Await.until(
          "the second answers all, and no more the one that has other data",
          () -> clients.stream().allMatch(client -> "second".equals(client.send("GET", WHO))));
    }
  }

  @Test
  void aReplicaThatStandsStillIsLagging() {
    TestProxy.Builder builder =
        builder(ReadFrom.PREFER_REPLICA).with(ReadSettings.REPLICA_MAX_LAG, 2000L);
    TestProxy proxy = start(builder);
    try (RawClient writer = proxy.connect()) {
      connectUntilBothAnswer();
      servers.link().blackhole(true);
      Await.until(
          () -> "the first answers all: " + answers(),
          () -> {
            assertEquals("OK", writer.send("SET", "other", "value"));
            return Set.of("first").equals(new HashSet<>(answers()));
          });
      servers.link().blackhole(false);
      connectAnewUntilBoth(proxy);
    }
  }

  @Test
  void whereNoReplicaIsWellThePrimaryAnswers() {
    start(builder(ReadFrom.PREFER_REPLICA));
    connectUntilBothAnswer();
    servers.first().close();
    servers.second().close();
    awaitAnswersOf("primary");
  }

  @Test
  void whereOnlyReplicasMayAnswerTheErrorSaysWhy() {
    start(builder(ReadFrom.REPLICA));
    connectUntilBothAnswer();
    servers.first().close();
    awaitAnswersOf("second");
    servers.second().close();
    Await.until("an error", () -> clients.get(0).send("GET", WHO) instanceof ErrorReply);
    ErrorReply error = assertInstanceOf(ErrorReply.class, clients.get(0).send("GET", WHO));
    assertTrue(
        error.text().startsWith("ERR node 'n' of pool 'test' has no replica to read from"),
        error.text());
    assertTrue(error.text().contains(servers.first().address()), error.text());
    assertEquals("OK", clients.get(0).send("SET", "key", "value"));
  }

  @Test
  void whileThePrimaryIsAwayReplicasAnswer() {
    TestProxy proxy = start(builder(ReadFrom.PREFER_PRIMARY).retryReads());
    awaitAnswersOf("primary");
    Await.until("both are known", () -> proxy.metric("cashew_server_readable") == 3);
    servers.primary().close();
    awaitAnswersOf("first", "second");
  }

  @Test
  void aClientReadsWhatItHasWritten() {
    TestProxy.Builder builder =
        builder(ReadFrom.PREFER_REPLICA).with(ReadSettings.READ_YOUR_WRITES, 1L);
    start(builder);
    connectUntilBothAnswer();
    servers.link().blackhole(true);
    for (RawClient client : clients) {
      assertEquals("OK", client.send("SET", "mine", "" + client.hashCode()));
      long end = System.nanoTime() + 300_000_000L;
      while (System.nanoTime() - end < 0) {
        assertEquals("" + client.hashCode(), client.send("GET", "mine"));
      }
    }
  }

  @Test
  void aPipelinedReadSeesTheWriteBeforeIt() {
    TestProxy.Builder builder =
        builder(ReadFrom.PREFER_REPLICA).with(ReadSettings.READ_YOUR_WRITES, 0L);
    start(builder);
    connectUntilBothAnswer();
    servers.link().blackhole(true);
    for (RawClient client : clients) {
      for (int i = 0; i < 100; i++) {
        client.write(pipeline("SET k " + client.hashCode() + i, "GET k", "GET k"));
        assertEquals("OK", client.read());
        assertEquals("" + client.hashCode() + i, client.read());
        assertEquals("" + client.hashCode() + i, client.read());
      }
    }
  }

  @Test
  void aPipelinedReadDoesNotSeeTheWriteBehindIt() {
    TestProxy.Builder builder =
        builder(ReadFrom.PREFER_REPLICA).with(ReadSettings.READ_YOUR_WRITES, 0L);
    start(builder);
    connectUntilBothAnswer();
    assertEquals("OK", clients.get(0).send("SET", "k", "0"));
    servers.first().freeze();
    servers.second().freeze();
    // The replicas do not answer, so the primary is asked, which is to execute the write.
    for (int i = 0; i < CLIENTS; i++) {
      clients.get(i).write(pipeline("GET k", "SET k " + (i + 1)));
      assertEquals("" + i, clients.get(i).read());
      assertEquals("OK", clients.get(i).read());
    }
    servers.first().thaw();
    servers.second().thaw();
  }

  private static byte[] pipeline(String... requests) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String request : requests) {
      all.writeBytes(RawClient.request(request.split(" ", -1)));
    }
    return all.toByteArray();
  }

  @Test
  void requestsForSeveralKeysAreReadLikewise() {
    try (ReplicatedServers others = new ReplicatedServers()) {
      start(builder(ReadFrom.PREFER_REPLICA).among("m", others.ports()));
      connectUntilBothAnswer();
      String[] keys = new String[20];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = "key:" + i;
        for (ReplicatedServers each : List.of(servers, others)) {
          say(each.first(), "SET", keys[i], "there");
          say(each.second(), "SET", keys[i], "there");
        }
      }
      awaitAllFound(keys);
      servers.first().freeze();
      others.second().freeze();
      for (RawClient client : clients) { // in flight at the frozen ones, or elsewhere already
        assertInstanceOf(List.class, client.send(command("MGET", keys)));
        assertInstanceOf(Long.class, client.send(command("EXISTS", keys)));
      }
      awaitAllFound(keys);
      servers.first().thaw();
      others.second().thaw();
    }
  }

  /** Waits until replicas answer each client for all keys, which the primaries do not have. */
  private void awaitAllFound(String... keys) {
    List<String> there = Collections.nCopies(keys.length, "there");
    Await.until(
        "replicas answer",
        () ->
            clients.stream()
                .allMatch(
                    client ->
                        there.equals(client.send(command("MGET", keys)))
                            && Long.valueOf(keys.length)
                                .equals(client.send(command("EXISTS", keys)))));
  }

  private static String[] command(String name, String... keys) {
    return Stream.concat(Stream.of(name), Stream.of(keys)).toArray(String[]::new);
  }

  @Test
  void aTransactionReadsAtThePrimary() {
    start(builder(ReadFrom.PREFER_REPLICA));
    connectUntilBothAnswer();
    RawClient client = clients.get(0);
    assertEquals("OK", client.send("WATCH", WHO));
    assertEquals("primary", client.send("GET", WHO));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("GET", WHO));
    assertEquals(List.of("primary"), client.send("EXEC"));
  }
}
