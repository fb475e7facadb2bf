package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Real nodes that are killed and frozen while clients work. */
@ExtendWith(LeakCheck.class)
final class RealNodeFailureTest {
  private static final int NODES = 3;
  private static final Keys KEYS = Keys.over(NODES);

  private final List<RealRedis> nodes = new ArrayList<>();
  private TestProxy proxy;
  private RawClient client;

  @BeforeEach
  void startNodes() {
    for (int i = 0; i < NODES; i++) {
      nodes.add(RealRedis.start());
    }
  }

  private void start(TestProxy.Builder builder) {
    nodes.forEach(node -> builder.node(node.port()));
    proxy = builder.start();
    client = proxy.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    nodes.forEach(RealRedis::close);
  }

  private void restartNode(int index) {
    nodes.set(index, RealRedis.startAt(nodes.get(index).port()));
  }

  private String error(String... request) {
    return assertInstanceOf(ErrorReply.class, client.send(request)).text();
  }

  /** The first request may still meet the end of an old connection. */
  private void askUntilTheCircuitOpens(int node) {
    Await.until(
        "the circuit opens",
        () -> {
          client.send("GET", KEYS.on(node));
          return proxy.node("n" + node, "circuit_open") == 1;
        });
  }

  /** A client that writes a register on each node and reads it back, and notes what it saw. */
  private final class Load implements AutoCloseable {
    final AtomicLong[] successes = new AtomicLong[NODES];
    final AtomicLong[] errors = new AtomicLong[NODES];
    private final Map<String, String> acknowledged = new HashMap<>();
    private final String name;
    private volatile boolean stopping;
    private final FutureTask<Void> run;

    Load(String name) {
      this.name = name;
      for (int i = 0; i < NODES; i++) {
        successes[i] = new AtomicLong();
        errors[i] = new AtomicLong();
      }
      run = new FutureTask<>(this::run, null);
      new Thread(run, name).start();
    }

    private void run() {
      try (RawClient writer = proxy.connect()) {
        for (int round = 0; !stopping; round++) {
          for (int node = 0; node < NODES; node++) {
            write(writer, node, KEYS.on(node) + ":" + name + "{" + KEYS.on(node) + "}", round);
          }
        }
        for (Map.Entry<String, String> write : acknowledged.entrySet()) {
          assertEquals(write.getValue(), writer.send("GET", write.getKey()));
        }
      }
    }

    private void write(RawClient writer, int node, String key, int round) {
      String value = name + " " + round;
      if (writer.send("SET", key, value) instanceof ErrorReply) {
        errors[node].incrementAndGet();
        return;
      }
      if (node > 0) { // the one that is killed has no persistence
        acknowledged.put(key, value);
      }
      Object read = writer.send("GET", key);
      if (read instanceof ErrorReply) {
        errors[node].incrementAndGet();
      } else if (node > 0 || read != null) {
        assertEquals(value, read);
        successes[node].incrementAndGet();
      }
    }

    @Override
    public void close() {
      stopping = true;
      Await.result(run);
    }
  }

  @Test
  void aKilledNodeCostsTheOthersNothingAndComesBack() {
    start(new TestProxy.Builder().timeoutMillis(10_000));
    try (Load one = new Load("one");
        Load two = new Load("two")) {
      Await.until("both work", () -> one.successes[0].get() > 50 && two.successes[0].get() > 50);
      nodes.get(0).close();
      Await.until("both notice", () -> one.errors[0].get() > 20 && two.errors[0].get() > 20);
      restartNode(0);
      proxy.awaitCircuit("n0", false);
      long before = one.successes[0].get();
      Await.until("it serves again", () -> one.successes[0].get() > before + 50);
      for (Load load : List.of(one, two)) {
        for (int node = 1; node < NODES; node++) {
          assertEquals(0, load.errors[node].get());
        }
      }
    }
    assertEquals(0, proxy.node("n1", "circuit_openings_total"));
    assertEquals(0, proxy.node("n2", "circuit_openings_total"));
    assertEquals(0, proxy.node("n0", "ejections_total"), "keys move only where ejection is on");
  }

  @Test
  void aFrozenNodeTimesOutThenFailsAtOnceAndComesBack() {
    start(new TestProxy.Builder().timeoutMillis(300));
    String key = KEYS.on(0);
    assertEquals("OK", client.send("SET", key, "before"));
    nodes.get(0).freeze();
    String error = error("GET", key);
    assertTrue(error.startsWith("ERR Connection timed out after 300 ms"), error);
    error("GET", key);
    error("GET", key);
    proxy.awaitCircuit("n0", true);
    assertTrue(error("GET", key).contains("nothing is sent to it"));
    assertEquals(3, proxy.failures("n0", "timeout"));
    assertEquals("OK", client.send("SET", KEYS.on(1), "lives"));
    nodes.get(0).thaw();
    proxy.awaitCircuit("n0", false);
    Await.until("it serves", () -> "before".equals(client.send("GET", key)));
  }

  @Test
  void onlyTheKeysOfAnEjectedNodeMove() {
    start(new TestProxy.Builder().timeoutMillis(10_000).eject());
    Keys without = Keys.without(NODES, 0);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      keys.add("user:" + i);
    }
    nodes.get(0).close();
    Await.until(
        "its keys go to others",
        () ->
            !(client.send("GET", KEYS.on(0)) instanceof ErrorReply)
                && proxy.node("n0", "ejected") == 1);
    for (String key : keys) {
      assertEquals("OK", client.send("SET", key, key));
    }
    for (int node = 1; node < NODES; node++) {
      try (RawClient direct = nodes.get(node).connect()) {
        for (String key : keys) {
          assertEquals(without.nodeOf(key) == node ? key : null, direct.send("GET", key));
          if (KEYS.nodeOf(key) == node) {
            assertEquals(node, without.nodeOf(key), "a key of a healthy node has moved");
          }
        }
      }
    }

    // Half of three is one: the second that fails stays in, and its keys get errors.
    nodes.get(1).close();
    askUntilTheCircuitOpens(1);
    long probes = proxy.node("n1", "probes_total");
    Await.until("probes tell that it is down", () -> proxy.node("n1", "probes_total") > probes + 2);
    error("GET", KEYS.on(1));
    assertEquals(0, proxy.node("n1", "ejected"));

    restartNode(0);
    Await.until("it is readmitted", () -> proxy.node("n0", "ejected") == 0);
    Await.until("now the second is out", () -> proxy.node("n1", "ejected") == 1);
    restartNode(1);
    Await.until("all are in", () -> proxy.metric("cashew_node_ejected") == 0);
    for (int node = 0; node < NODES; node++) {
      String key = KEYS.on(node);
      Await.until("it serves", () -> "OK".equals(client.send("SET", key, "home")));
      try (RawClient direct = nodes.get(node).connect()) {
        assertEquals("home", direct.send("GET", key));
      }
    }
  }

  @Test
  void theLastNodeIsNeverEjected() {
    RealRedis only = nodes.get(0);
    proxy = new TestProxy.Builder().node(only.port()).timeoutMillis(10_000).eject().start();
    client = proxy.connect();
    assertEquals("OK", client.send("SET", KEYS.on(0), "v"));
    only.close();
    askUntilTheCircuitOpens(0);
    assertTrue(error("GET", KEYS.on(0)).contains("nothing is sent to it"));
    assertEquals(0, proxy.node("n0", "ejected"));
    restartNode(0);
    proxy.awaitCircuit("n0", false);
    Await.until("it serves", () -> "OK".equals(client.send("SET", KEYS.on(0), "v")));
  }
}
