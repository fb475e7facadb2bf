package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests for several nodes of which one fails: one reply, and never a part of the truth. */
@ExtendWith(LeakCheck.class)
final class MultiKeyFaultsTest {
  private static final Keys KEYS = Keys.over(2);
  private static final String A = KEYS.on(0);
  private static final String B = KEYS.on(1);
  private static final String LARGE = "v".repeat(200_000);

  private final MisbehavingNode node = MisbehavingNode.start();
  private final MisbehavingNode other = MisbehavingNode.start();
  private TestProxy proxy = builder().start();
  private RawClient client = proxy.connect();

  private TestProxy.Builder builder() {
    return new TestProxy.Builder().node(node.port()).node(other.port()).timeoutMillis(5000);
  }

  private void restart(TestProxy.Builder builder) {
    client.close();
    proxy.close();
    proxy = builder.start();
    client = proxy.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    node.close();
    other.close();
  }

  private String error(String... request) {
    return assertInstanceOf(ErrorReply.class, client.send(request)).text();
  }

  /** Whether every kind of split request gives one error, and the client goes on. */
  private void assertOnlyErrors() {
    for (String[] request :
        new String[][] {{"MGET", A, B}, {"MGET", B, A}, {"DEL", A, B}, {"MSET", A, "1", B, "1"}}) {
      error(request);
      assertEquals("PONG", client.send("PING"));
      assertEquals("v", client.send("GET", KEYS.on(1, 2).get(1)));
    }
    assertEquals(0, (long) proxy.metric("cashew_requests_in_flight"));
    assertEquals(0, (long) proxy.metric("cashew_node_requests_in_flight"));
  }

  private void putBystander() {
    other.put(KEYS.on(1, 2).get(1), "v");
  }

  @Test
  void aNodeThatIsDown() {
    putBystander();
    node.stop();
    assertOnlyErrors();
    String error = error("MSET", A, "1", B, "2");
    assertTrue(error.contains("node 'n0'"), error);
    assertTrue(error.endsWith("the parts of the request for other nodes may have been executed"));
    assertEquals("2", client.send("GET", B));
  }

  @Test
  void aNodeThatClosesInsteadOfAReply() {
    putBystander();
    node.behave((connection, request) -> connection.close());
    assertOnlyErrors();
  }

  @Test
  void aNodeWhoseReplyCannotBeMerged() {
    restart(builder().adminCommandsToAllNodes());
    node.behave((connection, request) -> connection.reply("*1\r\n".repeat(5000) + ":1\r\n"));
    other.behave((connection, request) -> connection.reply("*0\r\n"));
    String error = error("LATENCY", "LATEST");
    assertTrue(error.startsWith("ERR Invalid reply: arrays nested more than 64 deep"), error);
    other.behave((connection, request) -> connection.reply("*1\r\n:1\r\n"));
    node.behave((connection, request) -> connection.reply("*0\r\n"));
    assertEquals("ERR Invalid reply: no element 0", error("LATENCY", "LATEST"));
    assertEquals("PONG", client.send("PING"));
  }

  @Test
  void aNodeThatClosesInTheMiddleOfAReply() {
    putBystander();
    node.behave(
        (connection, request) -> {
          connection.reply("*1\r\n$200000\r\n" + LARGE.substring(50));
          connection.close();
        });
    assertOnlyErrors();
  }

  @Test
  void aNodeThatDoesNotAnswer() {
    restart(builder().timeoutMillis(300).failureLimit(1));
    putBystander();
    node.behave(MisbehavingNode.SILENT);
    assertOnlyErrors();
    assertTrue(proxy.failures("n0", "timeout") >= 1);
  }

  @Test
  void aNodeThatAnswersWithAnError() {
    putBystander();
    node.behave((connection, request) -> connection.reply("-OOM no memory\r\n"));
    assertOnlyErrors();
    assertEquals("OOM no memory", error("MSET", A, "1", B, "2"));
    assertEquals(1, node.connects());
  }

  @Test
  void aNodeThatAnswersWithSomethingElse() {
    putBystander();
    for (String odd :
        List.of("$1\r\nx\r\n", "*2\r\n$1\r\nx\r\n$1\r\ny\r\n", "*0\r\n", "*-1\r\n", ":-1\r\n")) {
      node.behave((connection, request) -> connection.reply(odd));
      assertOnlyErrors();
    }
  }

  @Test
  void aNodeThatAnswersScanOddlyCostsAnErrorAndShiftsNothing() {
    String keys = "*1\r\n$1\r\nk\r\n";
    for (String odd :
        List.of(
            "*0\r\n",
            "*-1\r\n",
            "*1\r\n:5\r\n",
            "*1\r\n$1\r\n0\r\n",
            "*2\r\n$1\r\n0\r\n$1\r\nk\r\n",
            "*2\r\n$-1\r\n" + keys,
            "*2\r\n$0\r\n\r\n" + keys,
            "*2\r\n:0\r\n" + keys,
            "*3\r\n$1\r\n0\r\n" + keys + keys)) {
      node.behave((connection, request) -> connection.reply(odd));
      assertTrue(error("SCAN", "0").contains("Invalid reply"), odd);
      assertEquals("PONG", client.send("PING"), odd);
    }
  }

  @Test
  void aNodeThatAnswersScriptExistsOddlyCostsAnErrorAndShiftsNothing() {
    other.behave((connection, request) -> connection.reply("*2\r\n:1\r\n:0\r\n"));
    for (String odd :
        List.of(
            "*2\r\n$1\r\n1\r\n$1\r\n0\r\n",
            "*2\r\n:1\r\n:10\r\n",
            "*2\r\n:1\r\n$-1\r\n",
            "*2\r\n:1\r\n+\r\n",
            "*-1\r\n",
            "*3\r\n:1\r\n:1\r\n:1\r\n")) {
      node.behave((connection, request) -> connection.reply(odd));
      assertTrue(error("SCRIPT", "EXISTS", "a", "b").contains("Invalid reply"), odd);
      assertEquals("PONG", client.send("PING"), odd);
    }
    node.behave((connection, request) -> connection.reply("*2\r\n:1\r\n:1\r\n"));
    assertEquals(List.of(1L, 0L), client.send("SCRIPT", "EXISTS", "a", "b"));
  }

  @Test
  void aStepOfScanThatIsLargerThanWhatMayBeHeldIsAnError() {
    restart(
        builder()
            .limits(
                LimitSettings.DEFAULT
                    .with(LimitSettings.UNSENT_PER_CLIENT, 64L << 10)
                    .with(LimitSettings.UNSENT_PER_CLIENT_HARD, 100_000L)));
    String step = "*2\r\n$1\r\n0\r\n*1\r\n";
    node.behave((connection, request) -> connection.reply(step + MisbehavingNode.bulk(LARGE)));
    assertTrue(error("SCAN", "0").contains("larger than 100000 bytes"));
    node.behave((connection, request) -> connection.reply(step + MisbehavingNode.bulk("k")));
    assertEquals(List.of("1", List.of("k")), client.send("SCAN", "0"));
  }

  @Test
  void aReplyOfAnySizeWaitsItsTurnBehindASlowNode() {
    restart(
        builder()
            .limits(
                LimitSettings.DEFAULT
                    .with(LimitSettings.UNSENT_PER_CLIENT, 64L << 10)
                    .with(LimitSettings.UNSENT_PER_CLIENT_HARD, 2L << 20)));
    String value = "v".repeat(40 << 20);
    other.put(B, value);
    node.behave(MisbehavingNode.SILENT);
    client.write(RawClient.request("GET", A));
    client.write(RawClient.request("GET", B));
    Await.until(
        "as much is parked as may be", () -> proxy.node("n1", "reply_bytes_total") > 1 << 20);
    node.sayToAll("$1\r\na\r\n");
    assertEquals("a", client.read());
    assertEquals(value, client.read());
  }

  @Test
  void largeValuesAreMergedWhole() {
    node.put(A, LARGE);
    other.put(B, LARGE + "b");
    for (int i = 0; i < 5; i++) {
      assertTrue(
          java.util.Arrays.asList(LARGE, LARGE + "b", null, LARGE)
              .equals(client.send("MGET", A, B, "nothing", A)),
          "the large values");
    }
  }

  @Test
  void moreThanMayBeGatheredIsAnErrorAndTheClientGoesOn() {
    restart(
        builder()
            .limits(
                LimitSettings.DEFAULT
                    .with(LimitSettings.UNSENT_PER_CLIENT, 64L << 10)
                    .with(LimitSettings.UNSENT_PER_CLIENT_HARD, 300_000L)
                    .with(LimitSettings.GATHERED_REQUEST, 1L << 20))); // of requests
    node.put(A, LARGE);
    other.put(B, LARGE);
    for (int i = 0; i < 3; i++) {
      String error = error("MGET", A, B);
      assertTrue(error.contains("larger than 300000 bytes"), error);
      assertTrue(LARGE.equals(client.send("GET", A)), "the large value");
    }
    assertEquals("OK", client.send("MSET", A, "1", B, LARGE));
    RawClient large = proxy.connect();
    large.write(RawClient.request("MSET", A, LARGE.repeat(4), B, LARGE.repeat(4)));
    String error = assertInstanceOf(ErrorReply.class, large.read()).text();
    assertTrue(error.startsWith("ERR Protocol error: too big request"), error);
    assertTrue(large.ends());
    assertEquals(1, (long) proxy.metric("cashew_error_replies_total{kind=\"too_large\""));
    assertEquals(1, (long) proxy.metric("cashew_client_errors_total{kind=\"too_large\""));
    large.close();
    assertEquals("1", client.send("GET", A));
    Await.until("it is gone", () -> proxy.metric("cashew_clients{") == 1);
  }
}
