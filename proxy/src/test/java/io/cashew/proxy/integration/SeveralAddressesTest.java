package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names of several servers, which listen at one port of 127.0.0.1 and 127.0.0.2. */
@Timeout(120)
final class SeveralAddressesTest {
  private static final String NAME = "cache.example";
  private static final String FIRST = "127.0.0.1";
  private static final String SECOND = "127.0.0.2";
  private static final long NEVER = 3_600_000;

  private RealRedis first = RealRedis.start("--repl-diskless-sync-delay", "0");
  private final int port = first.port();
  private final RealRedis second =
      RealRedis.startAt(port, "--bind", SECOND, "--repl-diskless-sync-delay", "0");
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile List<String> addresses = List.of(FIRST, SECOND);

  @BeforeEach
  void tellThemApart() {
    ask(FIRST, "SET", "who", "first");
    ask(SECOND, "SET", "who", "second");
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    first.close();
    second.close();
  }

  private InetAddress[] lookUp(String name) throws UnknownHostException {
    List<InetAddress> found = new ArrayList<>();
    for (String each : addresses) {
      found.add(InetAddress.getByName(each));
    }
    return found.toArray(InetAddress[]::new);
  }

  private TestProxy proxy(long resolveEveryMillis) {
    TestProxy proxy =
        new TestProxy.Builder()
            .workers(2)
            .node("n0", new Address.Tcp(NAME, port))
            .with(HealthSettings.RESOLVE_EVERY, resolveEveryMillis)
            .with(HealthSettings.FAILOVER_WAIT, 60_000L)
            .names(this::lookUp)
            .start();
    open.add(proxy);
    return proxy;
  }

  private List<RawClient> clients(TestProxy proxy) {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      RawClient client = proxy.connect();
      open.add(client);
      clients.add(client);
    }
    return clients;
  }

  private Object ask(String address, String... request) {
    try (RawClient client = new RawClient(new Socket(InetAddress.getByName(address), port))) {
      return client.send(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connections of the proxy. */
  private long connections(String address) {
    return ((String) ask(address, "CLIENT", "LIST"))
            .lines()
            .filter(line -> !line.contains("flags=S") && !line.contains("flags=M"))
            .count()
        - 1;
  }

  private static void awaitAnswer(RawClient client, String answer, String... request) {
    Object[] last = {null};
    Await.until(
        () -> answer + " instead of " + last[0],
        () -> {
          last[0] = client.send(request);
          return answer.equals(last[0]);
        });
  }

  private void awaitAllAt(String there, String notThere) {
    Await.until(
        () -> connections(there) + " connections at " + there + ", none at " + notThere,
        () -> connections(notThere) == 0 && connections(there) > 0);
  }

  @Test
  void allConnectionsOfANodeGoToOneServerWhateverTheOrderOfTheAddresses() {
    TestProxy proxy = proxy(100);
    List<RawClient> clients = clients(proxy);
    for (int i = 0; i < 20; i++) {
      addresses = i % 2 == 0 ? List.of(SECOND, FIRST) : List.of(FIRST, SECOND);
      for (RawClient each : clients) {
        assertEquals("first", each.send("GET", "who"));
      }
      ask(FIRST, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      awaitAnswer(clients.get(0), "first", "GET", "who");
    }
    assertEquals(0, connections(SECOND));
  }

  @Test
  void theNextAddressIsUsedWhenOneRefuses() {
    TestProxy proxy = proxy(NEVER);
    List<RawClient> clients = clients(proxy);
    clients.forEach(each -> assertEquals("first", each.send("GET", "who")));
    first.close();
    clients.forEach(each -> awaitAnswer(each, "second", "GET", "who"));
    first = RealRedis.startAt(port);
    clients.forEach(each -> assertEquals("second", each.send("GET", "who")));
    assertEquals(0, connections(FIRST), "a node stays where it is served");
  }

  @Test
  void addressesThatAllRefuseAreTriedUntilOneServes() {
    addresses = List.of(FIRST, "127.0.0.3", SECOND);
    TestProxy proxy = proxy(NEVER);
    List<RawClient> clients = clients(proxy);
    first.close();
    second.close();
    for (RawClient each : clients) {
      Await.until("nobody serves", () -> each.send("GET", "who") instanceof ErrorReply);
    }
    first = RealRedis.startAt(port);
    ask(FIRST, "SET", "who", "first");
    clients.forEach(each -> awaitAnswer(each, "first", "GET", "who"));
  }

  @Test
  void aNameThatMovesIsFollowedThoughItsConnectionsStayOpen() {
    addresses = List.of(FIRST);
    TestProxy proxy = proxy(100);
    List<RawClient> clients = clients(proxy);
    clients.forEach(each -> assertEquals("first", each.send("GET", "who")));
    addresses = List.of(SECOND);
    clients.forEach(each -> awaitAnswer(each, "second", "GET", "who"));
    awaitAllAt(SECOND, FIRST);
  }

  /** Each server has its keys in an order of its own, in which the other's cursors say nothing. */
  @Test
  void anIterationOverTheKeysOfANameThatMovesBeginsAnewAndMissesNothing() {
    addresses = List.of(FIRST);
    Set<String> keys = new TreeSet<>(Set.of("who"));
    for (int i = 0; i < 500; i++) {
      keys.add("k" + i);
      ask(FIRST, "SET", "k" + i, "v");
      ask(SECOND, "SET", "k" + i, "v");
    }
    RawClient client = clients(proxy(100)).get(0);
    Set<String> found = new TreeSet<>();
    String cursor = scan(client, "0", found);
    cursor = scan(client, cursor, found);
    assertNotEquals("0", cursor);
    addresses = List.of(SECOND);
    awaitAnswer(client, "second", "GET", "who");
    found.clear(); // what the first server had said
    while (!cursor.equals("0")) {
      cursor = scan(client, cursor, found);
    }
    assertEquals(keys, found);
  }

  /** One step. @return the next cursor */
  private static String scan(RawClient client, String cursor, Set<String> found) {
    List<?> reply = assertInstanceOf(List.class, client.send("SCAN", cursor, "COUNT", "50"));
    for (Object key : assertInstanceOf(List.class, reply.get(1))) {
      found.add((String) key);
    }
    return (String) reply.get(0);
  }

  @Test
  void readonlyHasTheNameLookedUpAgain() {
    addresses = List.of(FIRST);
    TestProxy proxy = proxy(NEVER);
    List<RawClient> clients = clients(proxy);
    clients.forEach(each -> assertEquals("OK", each.send("SET", "k", "v")));
    addresses = List.of(SECOND);
    assertEquals("first", clients.get(0).send("GET", "who"), "nothing has failed");
    ask(FIRST, "REPLICAOF", SECOND, "" + port);
    clients.forEach(each -> awaitAnswer(each, "OK", "SET", "k", "w"));
    assertEquals("w", ask(SECOND, "GET", "k"));
    awaitAllAt(SECOND, FIRST);
  }

  /** The name is changed long after the demotion: meanwhile what may write waits. */
  @Test
  void writesWaitWhileTheServerOfANameIsAReplica() {
    addresses = List.of(FIRST);
    RawClient[] all = clients(proxy(NEVER)).toArray(RawClient[]::new);
    for (RawClient each : all) {
      assertEquals("OK", each.send("SET", "k", "v"));
    }
    ask(FIRST, "REPLICAOF", SECOND, "" + port);
    assertInstanceOf(ErrorReply.class, all[0].send("SET", "k", "w"));
    awaitQuestions(2);
    for (int i = 0; i < 3; i++) {
      all[i].write(RawClient.request("SET", "k" + i, "w"));
    }
    assertInstanceOf(String.class, all[3].send("GET", "who"), "reads go on");
    awaitQuestions(4);
    addresses = List.of(SECOND);
    for (int i = 0; i < 3; i++) {
      assertEquals("OK", all[i].read());
      assertEquals("w", ask(SECOND, "GET", "k" + i));
    }
  }

  /** Waits until the first server was asked so often more what it is. */
  private void awaitQuestions(int more) {
    long before = questions();
    Await.until("it is asked what it is", () -> questions() >= before + more);
  }

  private long questions() {
    return ((String) ask(FIRST, "INFO", "commandstats"))
        .lines()
        .filter(line -> line.startsWith("cmdstat_role:calls="))
        .mapToLong(line -> Long.parseLong(line.replaceAll("^[^=]*=|,.*", "")))
        .sum();
  }

  /** A server that is promoted again takes what has waited. */
  @Test
  void writesGoOnWhenTheServerIsAPrimaryAgain() {
    addresses = List.of(FIRST);
    List<RawClient> clients = clients(proxy(NEVER));
    ask(FIRST, "REPLICAOF", SECOND, "" + port);
    assertInstanceOf(ErrorReply.class, clients.get(0).send("SET", "k", "w"));
    awaitQuestions(2);
    clients.get(1).write(RawClient.request("SET", "k", "w"));
    awaitQuestions(2);
    ask(FIRST, "REPLICAOF", "NO", "ONE");
    assertEquals("OK", clients.get(1).read());
  }

  /** Both addresses stay those of the name: each is asked what it is. */
  @Test
  void aReplicaAmongTheAddressesIsLeftForThePrimary() {
    ask(FIRST, "REPLICAOF", SECOND, "" + port);
    TestProxy proxy = proxy(NEVER);
    List<RawClient> clients = clients(proxy);
    clients.forEach(each -> awaitAnswer(each, "OK", "SET", "k", "v"));
    ask(SECOND, "REPLICAOF", FIRST, "" + port);
    ask(FIRST, "REPLICAOF", "NO", "ONE");
    clients.forEach(each -> awaitAnswer(each, "OK", "SET", "k", "w"));
    assertEquals("w", ask(FIRST, "GET", "k"));
  }

  @Test
  void anErrorOfAScriptMovesNobody() {
    TestProxy proxy = proxy(NEVER);
    RawClient client = clients(proxy).get(0);
    for (int i = 0; i < 20; i++) {
      Object error =
          client.send("EVAL", "return redis.error_reply('READONLY so says a script')", "1", "k");
      assertTrue(assertInstanceOf(ErrorReply.class, error).text().startsWith("READONLY"));
      assertEquals("first", client.send("GET", "who"));
    }
    assertEquals(0, connections(SECOND));
  }
}
