package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MULTI, EXEC, DISCARD, WATCH and UNWATCH over several nodes. */
final class TransactionsTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static final Keys KEYS = Keys.over(3);
  private static final String KEY = KEYS.on(1);
  private static final String SAME_NODE = KEYS.on(1, 2).get(1);
  private static final String OTHER_NODE = KEYS.on(2);
  private static final ErrorReply ABORTED =
      new ErrorReply("EXECABORT Transaction discarded because of previous errors.");
  private static final ErrorReply CROSS_SLOT =
      new ErrorReply("CROSSSLOT Keys in request don't hash to the same node");
  private static TestProxy proxy;
  private RawClient client;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder = new TestProxy.Builder();
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
      builder.node(NODES.get(i).port());
    }
    proxy = builder.start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void connect() {
    client = proxy.connect();
    client.send("FLUSHALL");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private static long connectionsOfClientsInMulti(int node) {
    try (RawClient direct = NODES.get(node).connect()) {
      String list = (String) direct.send("CLIENT", "LIST");
      return list.lines().filter(line -> !line.contains(" multi=-1")).count();
    }
  }

  @Test
  void whatIsQueuedRunsTogether() {
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", KEY, "1"));
    assertEquals("QUEUED", client.send("INCR", KEY));
    assertEquals("QUEUED", client.send("MGET", KEY, SAME_NODE));
    java.util.ArrayList<Object> got = new ArrayList<>();
    got.add("2");
    got.add(null);
    assertEquals(List.of("OK", 2L, got), client.send("EXEC"));
    assertEquals("2", client.send("GET", KEY));
  }

  @Test
  void aPipelineOfTransactionsIsAnsweredInOrder() {
    for (int i = 0; i < 50; i++) {
      client.write(RawClient.request("SET", OTHER_NODE, "x" + i));
      client.write(RawClient.request("MULTI"));
      client.write(RawClient.request("INCR", KEY));
      client.write(RawClient.request("EXEC"));
      client.write(RawClient.request("GET", OTHER_NODE));
    }
    for (int i = 0; i < 50; i++) {
      assertEquals("OK", client.read());
      assertEquals("OK", client.read());
      assertEquals("QUEUED", client.read());
      assertEquals(List.of(i + 1L), client.read());
      assertEquals("x" + i, client.read());
    }
  }

  @Test
  void commandsWithoutKeysWaitForTheNode() {
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("PING"));
    assertEquals("QUEUED", client.send("ECHO", "hi"));
    assertEquals("QUEUED", client.send("SET", OTHER_NODE, "1"));
    assertEquals(List.of("PONG", "hi", "OK"), client.send("EXEC"));
    assertEquals("1", client.send("GET", OTHER_NODE));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("PING"));
    assertEquals(List.of("PONG"), client.send("EXEC"));
    assertEquals("OK", client.send("MULTI"));
    assertEquals(List.of(), client.send("EXEC"));
  }

  @Test
  void aKeyOfAnotherNodeIsRefusedAndNothingRuns() {
    client.send("MULTI");
    assertEquals("QUEUED", client.send("SET", KEY, "1"));
    assertEquals(CROSS_SLOT, client.send("SET", OTHER_NODE, "1"));
    assertEquals("QUEUED", client.send("SET", SAME_NODE, "1"));
    assertEquals(ABORTED, client.send("EXEC"));
    assertNull(client.send("GET", KEY));
    assertNull(client.send("GET", OTHER_NODE));
    assertEquals(new ErrorReply("ERR EXEC without MULTI"), client.send("EXEC"));
  }

  @Test
  void errorsAtQueueingTimeDoomIt() {
    for (String[] wrong :
        List.of(
            new String[] {"NOSUCHCOMMAND"},
            new String[] {"GET"},
            new String[] {"MONITOR"},
            new String[] {"KEYS", "*"},
            new String[] {"CLIENT", "SETNAME", "x"})) {
      client.send("MULTI");
      assertEquals("QUEUED", client.send("SET", KEY, "1"));
      assertTrue(client.send(wrong) instanceof ErrorReply, wrong[0]);
      assertEquals(ABORTED, client.send("EXEC"), wrong[0]);
      assertNull(client.send("GET", KEY));
    }
  }

  /** The shipped servers are older than some commands. */
  @Test
  void aCommandThatTheNodeDoesNotKnowIsAnErrorWhenItIsQueued() {
    try (TestProxy ofOne = TestProxy.of(NODES.get(0));
        RawClient single = ofOne.connect()) {
      for (RawClient each : List.of(single, client)) {
        for (String[] unknown :
            List.of(
                new String[] {"FCALL", "f", "0"},
                new String[] {"FCALL_RO", "f", "0"},
                new String[] {"SPUBLISH", "c", "m"})) {
          String error =
              "ERR unknown command `%s`, with args beginning with: `%s`, `%s`, "
                  .formatted((Object[]) unknown);
          each.send("MULTI");
          assertEquals("QUEUED", each.send("EVAL", "return 1", "0"));
          assertEquals(new ErrorReply(error), each.send(unknown));
          assertEquals("QUEUED", each.send("SET", KEY, "1"));
          assertEquals(ABORTED, each.send("EXEC"));
          assertNull(each.send("GET", KEY));
        }
        each.send("MULTI");
        assertEquals("QUEUED", each.send("EVAL", "return 1", "0"));
        assertEquals("QUEUED", each.send("PUBLISH", "c", "m"));
        assertEquals(List.of(1L, 0L), each.send("EXEC"));
      }
    }
  }

  @Test
  void whatIsTriedBeforeAKeyIsNamedHasNoEffect() {
    client.send("MULTI");
    assertEquals("QUEUED", client.send("EVAL", "return redis.call('SET','tried','1')", "0"));
    assertEquals("OK", client.send("DISCARD"));
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        assertEquals(0L, direct.send("EXISTS", "tried"));
      }
    }
    assertEquals(0, connectionsOfClientsInMulti(0));
  }

  @Test
  void whatOnlyTheNodeOfTheKeysRefusesIsSaidByExec() {
    RealRedis newer = RealRedis.startInstalled().orElse(null);
    assumeTrue(newer != null, "no redis-server is installed");
    try (newer;
        TestProxy mixed =
            new TestProxy.Builder().node(newer.port()).node(NODES.get(0).port()).start();
        RawClient own = mixed.connect()) {
      own.send("MULTI");
      assertEquals("QUEUED", own.send("SPUBLISH", "c", "m"));
      assertEquals("QUEUED", own.send("SET", Keys.over(2).on(1), "1"));
      assertEquals(
          new ErrorReply(
              "EXECABORT Transaction discarded because of: node 'n1' answers: ERR unknown command"
                  + " `SPUBLISH`, with args beginning with: `c`, `m`,"),
          own.send("EXEC"));
    }
  }

  @Test
  void errorsAtRunTimeAreInTheReply() {
    client.send("SET", KEY, "text");
    client.send("MULTI");
    client.send("INCR", KEY);
    client.send("SET", SAME_NODE, "1");
    List<?> replies = (List<?>) client.send("EXEC");
    assertEquals(new ErrorReply("ERR value is not an integer or out of range"), replies.get(0));
    assertEquals("OK", replies.get(1));
  }

  @Test
  void discardForgetsWhatWasQueued() {
    client.send("MULTI");
    client.send("SET", KEY, "1");
    assertEquals("OK", client.send("DISCARD"));
    assertNull(client.send("GET", KEY));
    assertEquals(new ErrorReply("ERR DISCARD without MULTI"), client.send("DISCARD"));
    client.send("MULTI");
    assertEquals("OK", client.send("DISCARD"));
  }

  @Test
  void nestedMultiAndWatchInsideAreRefusedAndDoNoHarm() {
    client.send("MULTI");
    assertEquals(new ErrorReply("ERR MULTI calls can not be nested"), client.send("MULTI"));
    assertEquals(
        new ErrorReply("ERR WATCH inside MULTI is not allowed"), client.send("WATCH", KEY));
    assertEquals("QUEUED", client.send("SET", KEY, "1"));
    assertEquals(List.of("OK"), client.send("EXEC"));
  }

  @Test
  void aChangedWatchMakesExecNil() {
    try (RawClient other = proxy.connect()) {
      client.send("SET", KEY, "1");
      assertEquals("OK", client.send("WATCH", KEY, SAME_NODE));
      other.send("SET", SAME_NODE, "changed");
      client.send("MULTI");
      client.send("SET", KEY, "2");
      assertNull(client.send("EXEC"));
      assertEquals("1", client.send("GET", KEY));
      client.send("MULTI");
      client.send("SET", KEY, "3");
      assertEquals(List.of("OK"), client.send("EXEC"), "EXEC ends the watch");
    }
  }

  @Test
  void oneOwnChangeCountsAndUnwatchForgets() {
    client.send("WATCH", KEY);
    client.send("SET", KEY, "own");
    client.send("MULTI");
    client.send("PING");
    assertNull(client.send("EXEC"));
    client.send("WATCH", KEY);
    client.send("SET", KEY, "own");
    assertEquals("OK", client.send("UNWATCH"));
    client.send("MULTI");
    client.send("PING");
    assertEquals(List.of("PONG"), client.send("EXEC"));
    assertEquals("OK", client.send("UNWATCH"));
  }

  @Test
  void keysOfTwoNodesCannotBeWatched() {
    assertEquals(CROSS_SLOT, client.send("WATCH", KEY, OTHER_NODE));
    assertEquals("OK", client.send("WATCH", KEY));
    assertEquals(CROSS_SLOT, client.send("WATCH", OTHER_NODE));
    client.send("MULTI");
    assertEquals(CROSS_SLOT, client.send("GET", OTHER_NODE));
    assertEquals(ABORTED, client.send("EXEC"));
  }

  @Test
  void whatIsWatchedIsWatchedOnNoLaterClientsBehalf() {
    client.send("WATCH", KEY);
    client.close();
    try (RawClient next = proxy.connect()) {
      next.send("SET", KEY, "changed");
      next.send("MULTI");
      next.send("SET", KEY, "1");
      assertEquals(List.of("OK"), next.send("EXEC"));
    }
  }

  @Test
  void whatATransactionWithoutRequestsHasWatchedIsForgotten() {
    for (String end : List.of("DISCARD", "EXEC")) {
      client.send("WATCH", KEY);
      client.send("MULTI");
      if (end.equals("EXEC")) {
        client.send("NO-SUCH-COMMAND"); // and so it discards
      }
      client.send(end);
      client.send("SET", KEY, "changed");
      List<RawClient> next = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) { // one of them has its connection to the node
          next.add(proxy.connect());
          next.get(i).send("MULTI");
          next.get(i).send("SET", KEY, "1");
        }
        for (RawClient each : next) {
          assertEquals(List.of("OK"), each.send("EXEC"));
        }
      } finally {
        next.forEach(RawClient::close);
      }
    }
  }

  @Test
  void aClientThatLeavesLeavesNoTransactionOnTheNode() {
    client.send("MULTI");
    client.send("SET", KEY, "1");
    assertEquals(1, connectionsOfClientsInMulti(1));
    client.close();
    Await.until("the node forgets it", () -> connectionsOfClientsInMulti(1) == 0);
    try (RawClient next = proxy.connect()) {
      assertNull(next.send("GET", KEY));
    }
  }

  @Test
  void resetEndsIt() {
    client.send("MULTI");
    client.send("SET", KEY, "1");
    assertEquals("RESET", client.send("RESET"));
    assertEquals(new ErrorReply("ERR EXEC without MULTI"), client.send("EXEC"));
    assertNull(client.send("GET", KEY));
  }

  @Test
  void connectionsAreUsedAgain() {
    for (int i = 0; i < 20; i++) {
      client.send("WATCH", KEY);
      client.send("MULTI");
      client.send("INCR", KEY);
      assertEquals(List.of(i + 1L), client.send("EXEC"));
    }
    try (RawClient direct = NODES.get(1).connect()) {
      String list = (String) direct.send("CLIENT", "LIST");
      assertTrue(list.lines().count() < 8, list);
    }
  }

  @Test
  void selectHoldsInsideAndAfter() {
    client.send("MULTI");
    client.send("SET", KEY, "in 0");
    assertEquals("QUEUED", client.send("SELECT", "3"));
    client.send("SET", KEY, "in 3");
    assertEquals(List.of("OK", "OK", "OK"), client.send("EXEC"));
    assertEquals("in 3", client.send("GET", KEY));
    assertEquals("OK", client.send("SELECT", "0"));
    assertEquals("in 0", client.send("GET", KEY));
  }

  @Test
  void selectWhileWatchingHoldsForTheTransaction() {
    client.send("WATCH", KEY);
    assertEquals("OK", client.send("SELECT", "4"));
    client.send("MULTI");
    client.send("SET", KEY, "in 4");
    assertEquals(List.of("OK"), client.send("EXEC"));
    assertEquals("in 4", client.send("GET", KEY));
    client.send("SELECT", "0");
    assertNull(client.send("GET", KEY));
    client.send("WATCH", KEY);
    client.send("MULTI");
    client.send("SET", KEY, "in 0");
    client.send("EXEC");
    client.send("SELECT", "4");
    assertEquals("in 4", client.send("GET", KEY));
  }

  @Test
  void inResp3NilIsNull() {
    client.write(RawClient.request("HELLO", "3"));
    client.readUntil("modules\r\n*0\r\n");
    client.send("WATCH", KEY);
    client.send("SET", KEY, "own");
    client.send("MULTI");
    client.send("HGETALL", SAME_NODE);
    client.write(RawClient.request("EXEC"));
    assertEquals("_\r\n", client.readBytes(3));
    client.send("MULTI");
    client.send("HSET", SAME_NODE, "f", "v");
    client.write(RawClient.request("HGETALL", SAME_NODE));
    assertEquals("QUEUED", client.read());
    client.write(RawClient.request("EXEC"));
    String expected = "*2\r\n:1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n";
    assertEquals(expected, client.readBytes(expected.length()));
  }

  @Test
  void aNodeThatDiesFailsTheTransactionAndNothingElse() {
    try (RealRedis node = RealRedis.start();
        TestProxy single = TestProxy.of(node);
        RawClient own = single.connect()) {
      own.send("MULTI");
      assertEquals("QUEUED", own.send("SET", "k", "1"));
      try (RawClient direct = node.connect()) {
        direct.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      }
      Await.until("a request is refused", () -> own.send("SET", "k", "2") instanceof ErrorReply);
      assertEquals(
          new ErrorReply(
              "EXECABORT Transaction discarded because of: the connection to node 'n0' (127.0.0.1:"
                  + node.port()
                  + ") has ended, and with it what was queued there"),
          own.send("EXEC"));
      assertNull(own.send("GET", "k"));
      own.send("WATCH", "k");
      try (RawClient direct = node.connect()) {
        Await.until(
            "the watch is gone",
            () -> {
              // More than once: a spare connection may be opened after the first time.
              direct.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
              String list = (String) direct.send("CLIENT", "LIST");
              return list.lines().count() == 1;
            });
      }
      own.send("MULTI");
      assertEquals("QUEUED", own.send("SET", "k", "3"));
      assertNull(own.send("EXEC"));
      assertNull(own.send("GET", "k"));
    }
  }

  @Test
  void thereIsAMostOfThem() {
    LimitSettings two = LimitSettings.DEFAULT.with(LimitSettings.PINNED_PER_NODE, 2);
    try (TestProxy limited =
            new TestProxy.Builder().node(NODES.get(0).port()).limits(two).workers(1).start();
        RawClient a = limited.connect();
        RawClient b = limited.connect();
        RawClient c = limited.connect()) {
      for (RawClient each : List.of(a, b, c)) {
        each.send("MULTI");
      }
      assertEquals("QUEUED", a.send("SET", "x", "1"));
      assertEquals("QUEUED", b.send("SET", "x", "1"));
      ErrorReply refusal = (ErrorReply) c.send("SET", "x", "1");
      assertTrue(refusal.text().contains("limits.pinned-per-node is 2"), refusal.text());
      assertEquals(ABORTED, c.send("EXEC"));
      assertEquals(List.of("OK"), a.send("EXEC"));
      c.send("MULTI");
      assertEquals("QUEUED", c.send("SET", "x", "1"));
    }
  }
}
