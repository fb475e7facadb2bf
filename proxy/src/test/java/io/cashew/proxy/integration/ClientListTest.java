package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients may know of each other and do to each other, over two workers. */
@ExtendWith(LeakCheck.class)
final class ClientListTest {
  private static RealRedis node;
  private static TestProxy proxy;
  private final List<RawClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    node = RealRedis.start();
    proxy = new TestProxy.Builder().node(node.port()).workers(2).adminCommandsToAllNodes().start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    node.close();
  }

  @AfterEach
  void disconnect() {
    clients.forEach(RawClient::close);
    Await.until(() -> "all clients leave", () -> proxy.metric("cashew_clients{") == 0);
  }

  private RawClient connect() {
    RawClient client = proxy.connect();
    clients.add(client);
    assertEquals("PONG", client.send("PING"));
    return client;
  }

  private static long id(RawClient client) {
    return (Long) client.send("CLIENT", "ID");
  }

  private static List<String> lines(Object list) {
    return Stream.of(list.toString().split("\n")).toList();
  }

  private static String field(String line, String name) {
    for (String field : line.split(" ", -1)) {
      if (field.startsWith(name + "=")) {
        return field.substring(name.length() + 1);
      }
    }
    throw new AssertionError("no field " + name + " in " + line);
  }

  private static List<Long> ids(Object list) {
    return lines(list).stream().map(line -> Long.valueOf(field(line, "id"))).toList();
  }

  private static void assertError(String text, Object reply) {
    assertEquals(new ErrorReply(text), reply);
  }

  @Test
  void theLineHasTheFieldsOfRedisInItsOrder() {
    RawClient client = connect();
    String line = (String) client.send("CLIENT", "INFO");
    // As the test of Redis 7.2 itself expects it.
    Pattern expected =
        Pattern.compile(
            "id=\\d+ addr=127.0.0.1:\\d+ laddr=127.0.0.1:\\d+ fd=-?\\d+ name= age=\\d+ idle=0"
                + " flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=\\d+ argv-mem=10"
                + " multi-mem=0 rbs=\\d+ rbp=\\d+ obl=0 oll=0 omem=0 tot-mem=\\d+ events=r"
                + " cmd=client\\|info user=default redir=-1 resp=2 lib-name= lib-ver=\n");
    assertTrue(expected.matcher(line).matches(), line);
    assertEquals(proxy.port() + "", field(line, "laddr").replaceFirst(".*:", ""));
  }

  @Test
  void theListHasTheClientsOfAllWorkersInTheOrderOfTheirIds() {
    List<Long> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      expected.add(id(connect()));
    }
    for (RawClient client : clients) {
      assertEquals(expected, ids(client.send("CLIENT", "LIST")));
      assertEquals(expected, ids(client.send("CLIENT", "LIST", "TYPE", "normal")));
      assertEquals("", client.send("CLIENT", "LIST", "TYPE", "pubsub"));
    }
    RawClient first = clients.get(0);
    assertEquals(
        List.of(expected.get(4), expected.get(1), expected.get(4)),
        ids(
            first.send(
                "CLIENT",
                "LIST",
                "ID",
                "" + expected.get(4),
                "" + expected.get(1),
                "999999999",
                "" + expected.get(4))));
    clients.get(1).send("CLIENT", "SETNAME", "second");
    clients.get(1).send("SELECT", "0");
    String second = lines(first.send("CLIENT", "LIST")).get(1);
    assertEquals("second", field(second, "name"));
    assertEquals("select", field(second, "cmd"));
  }

  @Test
  void inRespThreeTheListIsAVerbatimString() {
    RawClient client = connect();
    client.write(RawClient.request("HELLO", "3"));
    client.write(RawClient.request("CLIENT", "LIST"));
    String bytes = client.readUntil("lib-ver=\n\r\n");
    String list = bytes.substring(bytes.lastIndexOf("=", bytes.indexOf("txt:")));
    int start = list.indexOf("txt:");
    assertEquals("=" + (list.length() - start - 2) + "\r\n", list.substring(0, start));
    assertTrue(list.contains(" resp=3 "), list);
  }

  @Test
  void badArgumentsGetTheErrorsOfRedis() {
    RawClient client = connect();
    assertError("ERR syntax error", client.send("CLIENT", "LIST", "FOO"));
    assertError("ERR syntax error", client.send("CLIENT", "LIST", "ID"));
    assertError("ERR Invalid client ID", client.send("CLIENT", "LIST", "ID", "x"));
    assertError("ERR Unknown client type 'x'", client.send("CLIENT", "LIST", "TYPE", "x"));
    assertError("ERR No such client", client.send("CLIENT", "KILL", "127.0.0.1:1"));
    assertError("ERR client-id should be greater than 0", client.send("CLIENT", "KILL", "ID", "x"));
    assertError("ERR client-id should be greater than 0", client.send("CLIENT", "KILL", "ID", "0"));
    assertError("ERR syntax error", client.send("CLIENT", "KILL", "ID", "1", "ADDR"));
    assertError("ERR syntax error", client.send("CLIENT", "KILL", "FOO", "1"));
    assertError("ERR syntax error", client.send("CLIENT", "KILL", "SKIPME", "1"));
    assertError("ERR No such user 'x'", client.send("CLIENT", "KILL", "USER", "x"));
    assertError("ERR Unknown client type 'x'", client.send("CLIENT", "KILL", "TYPE", "x"));
    assertError(
        "ERR maxage is not an integer or out of range",
        client.send("CLIENT", "KILL", "MAXAGE", "x"));
    assertError(
        "ERR maxage should be greater than 0", client.send("CLIENT", "KILL", "MAXAGE", "-1"));
    assertError(
        "ERR timeout is not an integer or out of range", client.send("CLIENT", "PAUSE", "x"));
    assertError("ERR timeout is negative", client.send("CLIENT", "PAUSE", "-1"));
    assertError(
        "ERR CLIENT PAUSE mode must be WRITE or ALL", client.send("CLIENT", "PAUSE", "1", "x"));
    assertError(
        "ERR value is not an integer or out of range", client.send("CLIENT", "UNBLOCK", "x"));
    assertError(
        "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
        client.send("CLIENT", "UNBLOCK", "1", "x"));
    assertError("ERR syntax error", client.send("CLIENT", "REPLY", "x"));
    assertError("ERR syntax error", client.send("CLIENT", "NO-EVICT", "x"));
    assertError(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or"
            + " OPTOUT mode enabled",
        client.send("CLIENT", "CACHING", "yes"));
  }

  @Test
  void whoDoesNotTrackSaysSo() {
    RawClient client = connect();
    assertEquals(-1L, client.send("CLIENT", "GETREDIR"));
    assertEquals(
        List.of("flags", List.of("off"), "redirect", -1L, "prefixes", List.of()),
        client.send("CLIENT", "TRACKINGINFO"));
    assertEquals("OK", client.send("READONLY"));
    assertEquals("OK", client.send("READWRITE"));
  }

  @Test
  void othersAreKilledByAddressOnWhicheverWorkerTheyAre() {
    RawClient killer = connect();
    for (int i = 0; i < 4; i++) {
      RawClient victim = connect();
      String address = field((String) victim.send("CLIENT", "INFO"), "addr");
      assertEquals("OK", killer.send("CLIENT", "KILL", address));
      assertTrue(victim.ends());
      assertError("ERR No such client", killer.send("CLIENT", "KILL", address));
    }
    assertEquals(1, lines(killer.send("CLIENT", "LIST")).size());
  }

  @Test
  void filtersOfKillAllHold() {
    RawClient killer = connect();
    RawClient one = connect();
    RawClient two = connect();
    assertEquals(0L, killer.send("CLIENT", "KILL", "ID", "" + id(one), "TYPE", "pubsub"));
    assertEquals(0L, killer.send("CLIENT", "KILL", "ADDR", "1.2.3.4:5"));
    assertEquals(0L, killer.send("CLIENT", "KILL", "MAXAGE", "100000"));
    assertEquals(0L, killer.send("CLIENT", "KILL", "ID", "" + id(killer)));
    assertEquals("PONG", one.send("PING"));
    assertEquals(1L, killer.send("CLIENT", "KILL", "ID", "" + id(one), "USER", "default"));
    assertTrue(one.ends());
    String local = "127.0.0.1:" + proxy.port();
    assertEquals(1L, killer.send("CLIENT", "KILL", "LADDR", local, "SKIPME", "yes"));
    assertTrue(two.ends());
    assertEquals("PONG", killer.send("PING"));
  }

  @Test
  void whoKillsItselfIsAnsweredFirst() {
    RawClient other = connect();
    RawClient killer = connect();
    killer.write(RawClient.request("SET", "a", "b"));
    killer.write(RawClient.request("CLIENT", "KILL", "SKIPME", "no"));
    killer.write(RawClient.request("SET", "a", "c"));
    assertEquals("OK", killer.read());
    assertEquals(2L, killer.read());
    assertTrue(killer.ends());
    assertTrue(other.ends());
    assertEquals("b", connect().send("GET", "a"));
  }

  @Test
  void repliesThatAreOffAreNotGiven() {
    RawClient client = connect();
    for (String[] request :
        new String[][] {
          {"CLIENT", "REPLY", "OFF"},
          {"PING", "one"},
          {"SET", "key", "two"},
          {"NO-SUCH-COMMAND"},
          {"CLIENT", "LIST"},
          {"MGET", "key", "other"},
          {"CLIENT", "REPLY", "SKIP"},
          {"PING", "three"},
          {"CLIENT", "REPLY", "ON"},
          {"GET", "key"}
        }) {
      client.write(RawClient.request(request));
    }
    assertEquals("OK", client.read());
    assertEquals("two", client.read());
  }

  @Test
  void oneReplyIsSkipped() {
    RawClient client = connect();
    client.write(RawClient.request("SET", "key", "value"));
    client.write(RawClient.request("CLIENT", "REPLY", "SKIP"));
    client.write(RawClient.request("GET", "key"));
    client.write(RawClient.request("PING", "after"));
    client.write(RawClient.request("CLIENT", "REPLY", "SKIP"));
    client.write(RawClient.request("CLIENT", "REPLY", "ON"));
    client.write(RawClient.request("PING", "last"));
    assertEquals("OK", client.read());
    assertEquals("after", client.read());
    assertEquals("OK", client.read());
    assertEquals("last", client.read());
  }

  @Test
  void writesOfAllWorkersWaitUntilTheyMayGoOn() {
    RawClient pauser = connect();
    assertEquals("OK", pauser.send("SET", "key", "before"));
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "100000", "WRITE"));
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "1", "WRITE")); // the later end holds
    List<RawClient> writers = List.of(connect(), connect(), connect());
    for (RawClient writer : writers) {
      writer.write(RawClient.request("PING"));
      writer.write(RawClient.request("SET", "key", "after"));
      writer.write(RawClient.request("GET", "key"));
      assertEquals("PONG", writer.read());
      assertEquals("before", pauser.send("GET", "key"));
      Await.until(
          () -> "the writer waits",
          () ->
              lines(pauser.send("CLIENT", "LIST")).stream()
                      .filter(line -> field(line, "flags").equals("b"))
                      .count()
                  == writers.indexOf(writer) + 1);
    }
    assertError("ERR wrong number of arguments for 'set' command", pauser.send("SET", "key"));
    assertEquals(0L, pauser.send("CLIENT", "UNBLOCK", "" + (id(pauser) + 1)));
    assertEquals("OK", pauser.send("CLIENT", "UNPAUSE"));
    for (RawClient writer : writers) {
      assertEquals("OK", writer.read());
      assertEquals("after", writer.read());
    }
  }

  @Test
  void aTransactionThatWritesWaitsAtItsEnd() {
    RawClient pauser = connect();
    RawClient writer = connect();
    RawClient reader = connect();
    for (RawClient client : List.of(writer, reader)) {
      assertEquals("OK", client.send("MULTI"));
      assertEquals("QUEUED", client.send("GET", "{t}a"));
    }
    assertEquals("QUEUED", writer.send("SET", "{t}a", "written"));
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "100000", "WRITE"));
    writer.write(RawClient.request("EXEC"));
    assertEquals(1, ((List<?>) reader.send("EXEC")).size());
    assertEquals("OK", pauser.send("CLIENT", "UNPAUSE"));
    assertEquals("OK", ((List<?>) writer.read()).get(1));
  }

  @Test
  void theListTellsOfTransactionsDatabasesAndWaiting() {
    RawClient asker = connect();
    RawClient queuing = connect();
    RawClient waiting = connect();
    assertEquals("OK", queuing.send("SELECT", "5"));
    assertEquals("OK", queuing.send("MULTI"));
    assertEquals("QUEUED", queuing.send("GET", "key"));
    waiting.write(RawClient.request("BLPOP", "{nothing}", "0"));
    Await.until(
        "one waits",
        () ->
            lines(asker.send("CLIENT", "LIST")).stream()
                .anyMatch(line -> field(line, "flags").equals("b")));
    List<String> lines = lines(asker.send("CLIENT", "LIST"));
    assertEquals("x", field(lines.get(1), "flags"));
    assertEquals("1", field(lines.get(1), "multi"));
    assertEquals("5", field(lines.get(1), "db"));
    assertEquals("blpop", field(lines.get(2), "cmd"));
    assertEquals("-1", field(lines.get(2), "multi"));
  }

  @Test
  void aClientIsUnblockedOnWhicheverWorkerItIs() {
    RawClient other = connect();
    for (int i = 0; i < 4; i++) {
      RawClient waiting = connect();
      long id = id(waiting);
      waiting.write(RawClient.request("BLPOP", "{nothing}", "0"));
      Await.until(
          "it is unblocked", () -> (Long) other.send("CLIENT", "UNBLOCK", "" + id, "ERROR") == 1L);
      assertError("UNBLOCKED client unblocked via CLIENT UNBLOCK", waiting.read());
      assertEquals(0L, other.send("CLIENT", "UNBLOCK", "" + id));
      assertEquals("PONG", waiting.send("PING"));
    }
  }

  @Test
  void aSkippedReplyIsThatOfARequestThatHasToWaitForOthers() {
    RawClient client = connect();
    client.write(RawClient.request("SET", "key", "value"));
    client.write(RawClient.request("CLIENT", "REPLY", "SKIP"));
    client.write(RawClient.request("BLPOP", "{nothing}", "0.01"));
    client.write(RawClient.request("GET", "key"));
    assertEquals("OK", client.read());
    assertEquals("value", client.read());
  }

  @Test
  void aPauseOfEverythingEndsByItself() {
    RawClient pauser = connect();
    RawClient other = connect();
    long start = System.nanoTime();
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "200"));
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "1", "WRITE"));
    assertEquals("PONG", other.send("PING"));
    assertTrue(System.nanoTime() - start >= 200_000_000, "it lasted");
  }

  @Test
  void aClientThatIsPausedMayLeave() {
    RawClient pauser = connect();
    RawClient leaver = connect();
    assertEquals("OK", pauser.send("CLIENT", "PAUSE", "100000", "WRITE"));
    leaver.write(RawClient.request("SET", "left", "behind"));
    leaver.write(RawClient.request("PING"));
    leaver.reset();
    Await.until(() -> "it is gone", () -> lines(pauser.send("CLIENT", "LIST")).size() == 1);
    assertEquals("OK", pauser.send("CLIENT", "UNPAUSE"));
  }
}
