package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When a node's circuit opens, what its clients get meanwhile, and how the node comes back. */
@ExtendWith(LeakCheck.class)
final class NodeRecoveryTest {
  private static final Keys KEYS = Keys.over(2);
  private static final String KEY = KEYS.on(0);
  private static final String OTHER_KEY = KEYS.on(1);

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

  /** The first requests may still meet an old connection, whatever comes of that. */
  private void askUntilTheCircuitOpens() {
    Await.until(
        "the circuit opens",
        () -> {
          client.send("GET", KEY);
          return proxy.node("n0", "circuit_open") == 1;
        });
  }

  /** Of a circuit that opened a moment ago the metric may not tell yet, so a reply says it. */
  private void assertServes() {
    Await.until("n0 serves again", () -> "OK".equals(client.send("SET", KEY, "again")));
    assertEquals("again", client.send("GET", KEY));
    proxy.awaitCircuit("n0", false);
  }

  @Test
  void aNodeThatRefusesIsNotAskedForEachRequest() {
    node.stop();
    for (int i = 0; i < 100; i++) {
      String error = error("GET", KEY);
      assertTrue(error.startsWith("ERR Connection refused: node 'n0'"), error);
      assertEquals(null, client.send("GET", OTHER_KEY));
    }
    long connects = proxy.node("n0", "connects_total");
    assertEquals(1, proxy.failures("n0", "refused"));
    assertEquals(99, proxy.failures("n0", "circuit_open"));
    assertTrue(connects - proxy.node("n0", "probes_total") <= 1, "connects: " + connects);
    assertEquals(1, proxy.node("n0", "circuit_openings_total"));
    assertEquals(0, proxy.node("n1", "circuit_openings_total"));
    node.restart();
    assertServes();
    assertTrue(node.count("PING") >= 1);
  }

  /** Each worker may have been about to connect when the first was refused. */
  @Test
  void workersAndConnectionsTogetherDoNotKnockAtANodeThatEndsEachConnection() {
    int workers = 4;
    int connections = 4;
    restart(builder().workers(workers).connectionsPerNode(connections));
    List<RawClient> load = new ArrayList<>();
    for (int i = 0; i < 2 * workers * connections; i++) {
      load.add(proxy.connect());
    }
    node.greet(MisbehavingNode.Connection::close);
    long requests = 0;
    while (proxy.node("n0", "probes_total") < 8 || requests < 1000) {
      load.forEach(each -> each.write(RawClient.request("GET", KEY)));
      for (RawClient each : load) {
        assertInstanceOf(ErrorReply.class, each.read());
        requests++;
      }
    }
    long connects = proxy.node("n0", "connects_total");
    long probes = proxy.node("n0", "probes_total");
    assertTrue(requests > 2 * connects, requests + " requests, " + connects + " connects");
    assertTrue(
        connects - probes <= Math.multiplyExact(workers, connections),
        connects + " connects, " + probes + " probes");
    assertEquals(0, proxy.failures("n1"));
    load.forEach(RawClient::close);
    node.recover();
    assertServes();
  }

  /** It answers, so nothing is wrong with it; it is connected to as often as the pace allows. */
  @Test
  void workersTogetherConnectAtOnePaceToANodeThatEndsConnectionsAfterEachReply() {
    int workers = 4;
    restart(builder().workers(workers));
    List<RawClient> load = new ArrayList<>();
    for (int i = 0; i < 2 * workers; i++) {
      load.add(proxy.connect());
    }
    node.behave(
        (connection, request) -> {
          node.honestly(connection, request);
          connection.close();
        });
    int atOnce = 64 + workers;
    long begin = System.nanoTime();
    for (int round = 0; round < 200; round++) {
      load.forEach(each -> each.write(RawClient.request("GET", KEY)));
      load.forEach(RawClient::read);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    long connects = node.connects();
    assertTrue(connects <= atOnce + 20 * seconds, connects + " connects in " + seconds + " s");
    load.forEach(RawClient::close);
    node.recover();
    assertServes();
  }

  @Test
  void aNodeThatAcceptsAndClosesIsNotAskedForEachRequest() {
    node.greet(MisbehavingNode.Connection::close);
    Await.until(
        "several probes have failed",
        () -> {
          error("GET", KEY);
          return node.connects() > 5;
        });
    assertTrue(proxy.node("n0", "connects_total") - proxy.node("n0", "probes_total") <= 2);
    node.recover();
    assertServes();
  }

  @Test
  void aNodeThatAnswersProbesAndFailsRequestsIsAskedAtABoundedPace() {
    node.behave(
        (connection, request) -> {
          if (request.get(0).equals("PING")) {
            connection.reply("+PONG\r\n");
          } else {
            connection.close();
          }
        });
    Await.until(
        "it has come and gone several times",
        () -> {
          error("GET", KEY);
          return node.count("PING") >= 6;
        });
    assertTrue(
        node.connects() <= 2 * node.count("PING") + 2,
        () -> node.connects() + " connects for " + node.count("PING") + " probes");
    node.recover();
    assertServes();
  }

  @Test
  void timeOutsInARowOpenTheCircuit() {
    restart(builder().timeoutMillis(150));
    node.behave(MisbehavingNode.SILENT);
    for (int i = 0; i < 3; i++) {
      String error = error("GET", KEY);
      assertTrue(error.startsWith("ERR Connection timed out after 150 ms: node 'n0'"), error);
      assertTrue(error.endsWith("; the request may have been executed"), error);
    }
    String error = error("GET", KEY);
    assertTrue(error.contains("nothing is sent to it"), error);
    assertTrue(!error.contains("executed"), error);
    assertEquals(3, node.count("GET"));
    assertEquals(3, proxy.failures("n0", "timeout"));
    assertEquals(1, proxy.failures("n0", "circuit_open"));
    assertEquals(0, proxy.node("n1", "circuit_open"));
    node.recover();
    assertServes();
    assertTrue(node.count("PING") >= 1);
  }

  @Test
  void aNodeThatGreetsAndNeverAnswersHasTimeOutsInARow() {
    restart(builder().timeoutMillis(150).database(1));
    node.behave(
        (connection, request) -> {
          if (!request.get(0).equals("GET") && !request.get(0).equals("PING")) {
            node.honestly(connection, request);
          }
        });
    for (int i = 0; i < 3; i++) {
      assertTrue(error("GET", KEY).contains("timed out"));
    }
    proxy.awaitCircuit("n0", true);
    assertEquals(3, node.count("GET"));
    node.recover();
    assertServes();
  }

  @Test
  void aNodeThatIsLoadingOrHasNoMasterStaysOut() {
    for (String busy :
        new String[] {
          "-LOADING Redis is loading the dataset in memory\r\n",
          "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n"
        }) {
      node.stop();
      askUntilTheCircuitOpens();
      long gets = node.count("GET");
      long pings = node.count("PING");
      node.behave((connection, request) -> connection.reply(busy));
      node.restart();
      Await.until(
          "it was probed again and again",
          () -> {
            error("GET", KEY);
            return node.count("PING") >= pings + 3;
          });
      assertEquals(1, proxy.node("n0", "circuit_open"));
      assertEquals(gets, node.count("GET"));
      node.recover();
      assertServes();
    }
  }

  @Test
  void aNodeWithAnotherErrorIsBack() {
    node.stop();
    askUntilTheCircuitOpens();
    node.behave((connection, request) -> connection.reply("-NOAUTH Authentication required.\r\n"));
    node.restart();
    proxy.awaitCircuit("n0", false);
    assertEquals("NOAUTH Authentication required.", error("GET", KEY));
  }
}
