package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.control.NodeAction;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that an operator takes out and has back, with real servers and clients that go on. */
final class MaintenanceUnderLoadTest {
  private static final int CLIENTS = 6;
  private static final String OUT = "is out for maintenance";

  private final List<RealRedis> nodes = new ArrayList<>();
  private final int port = FreePorts.next();
  private final Queue<String> errors = new ConcurrentLinkedQueue<>();
  private final AtomicLong answered = new AtomicLong();
  private volatile boolean over;

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    nodes.forEach(RealRedis::close);
  }

  private String config(String lines) {
    return FileProxy.config(
        port,
        2,
        nodes,
        "timeout = 10s, hash = murmur, hash-tag = \"{}\", retry-reads = false, " + lines);
  }

  private FileProxy start(String lines) {
    for (int i = 0; i < 3; i++) {
      nodes.add(RealRedis.start());
    }
    return FileProxy.start(directory.resolve("cashew.conf"), config(lines));
  }

  private static void act(FileProxy proxy, NodeAction action, String node) {
    Await.result(
        proxy.operations().maintain(action, "p", node, "the test", false).toCompletableFuture());
  }

  private static NodeView node(FileProxy proxy, String name) {
    return proxy.view().pools().get(0).nodes().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Connections of clients to a server, but for the one that asks. */
  private static long connections(RealRedis server) {
    try (RawClient client = server.connect()) {
      String list = String.valueOf(client.send("CLIENT", "LIST"));
      return list.lines().filter(line -> !line.contains("cmd=client")).count();
    }
  }

  /** Pipelines without a pause, each reply of which is looked at. */
  private List<FutureTask<Void>> startLoad() {
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int id = i;
      FutureTask<Void> task = new FutureTask<>(() -> load(id), null);
      tasks.add(task);
      new Thread(task, "load " + i).start();
    }
    return tasks;
  }

  private void load(int id) {
    try (RawClient client = new RawClient(port)) {
      for (int round = 0; !over; round++) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 10; i++) {
          bytes.writeBytes(RawClient.request("SET", "k:" + id + ":" + i, "" + round));
          bytes.writeBytes(RawClient.request("MGET", "k:" + id + ":" + i, "x" + i, "y" + i));
        }
        client.write(bytes.toByteArray());
        for (int i = 0; i < 20; i++) {
          if (client.read() instanceof ErrorReply error) {
            errors.add(error.text());
          }
          answered.incrementAndGet();
        }
      }
    } catch (RuntimeException e) {
      errors.add("cut off: " + e);
    }
  }

  private void awaitMore(int requests) {
    long until = answered.get() + requests;
    Await.until(() -> answered + " of " + until, () -> answered.get() >= until);
  }

  private void end(List<FutureTask<Void>> load) throws Exception {
    over = true;
    load.forEach(Await::result);
  }

  @Test
  void drainLosesNoRequestWhereKeysMayGoElsewhere() throws Exception {
    try (FileProxy proxy = start("eject.enabled = true")) {
      List<FutureTask<Void>> load = startLoad();
      awaitMore(2_000);
      for (int round = 0; round < 5; round++) {
        String name = List.of("a", "b", "c").get(round % 3);
        RealRedis server = nodes.get(round % 3);
        act(proxy, NodeAction.DRAIN, name);
        NodeView out = node(proxy, name);
        assertNotNull(out.state().maintenance());
        assertEquals(1, proxy.metric("cashew_node_maintenance{node=\"" + name + "\""));
        assertEquals(1, proxy.metric("cashew_node_ejected{node=\"" + name + "\""));
        assertEquals(0, connections(server), "nothing of the proxy is left there");
        awaitMore(1_000);
        assertEquals(0, connections(server), "and nothing comes");
        act(proxy, NodeAction.READY, name);
        assertNull(node(proxy, name).state().maintenance());
        awaitMore(1_000);
        Await.until("it is used again", () -> connections(server) > 0);
        assertEquals(0, proxy.metric("cashew_node_ejected{node=\"" + name + "\""));
      }
      end(load);
      assertEquals(List.of(), List.copyOf(errors));
      assertEquals(0, proxy.metric("cashew_node_failures_total"), "requests that failed");
    }
  }

  @Test
  void whereNoKeyMayMoveRequestsFailAtOnceAndSayWhy() throws Exception {
    try (FileProxy proxy = start("")) {
      List<FutureTask<Void>> load = startLoad();
      awaitMore(2_000);
      assertEquals(List.of(), List.copyOf(errors));
      act(proxy, NodeAction.DRAIN, "b");
      awaitMore(1_000);
      assertTrue(!errors.isEmpty());
      String told = "node 'b' of pool 'p' " + OUT + " (drain)";
      assertEquals(
          List.of(), errors.stream().filter(each -> !each.contains(told)).distinct().toList());
      assertEquals(0, proxy.metric("cashew_node_ejected"));
      assertTrue(proxy.metric("cashew_node_failures_total{kind=\"maintenance\",node=\"b\"") > 0);
      act(proxy, NodeAction.READY, "b");
      end(load);
      errors.clear();
      over = false;
      load = startLoad();
      awaitMore(1_000);
      end(load);
      assertEquals(List.of(), List.copyOf(errors));
    }
  }

  @Test
  void itSurvivesReloadsAndTheDeathOfTheServer() {
    try (FileProxy proxy = start("eject.enabled = true")) {
      act(proxy, NodeAction.DRAIN, "a");
      proxy.take(config("eject.enabled = true, connections-per-node = 2"));
      assertNotNull(node(proxy, "a").state().maintenance());
      nodes.get(0).close();
      proxy.take(config("eject.enabled = true, preconnect = true"));
      assertNotNull(node(proxy, "a").state().maintenance());
      assertEquals(0, proxy.metric("cashew_node_circuit_openings_total"), "nobody asks it");
      try (RawClient client = new RawClient(port)) {
        for (int i = 0; i < 100; i++) {
          assertEquals("OK", client.send("SET", "k" + i, "v"));
        }
      }
    }
  }

  @Test
  void offlineCutsOffWhatWaitsAndDrainLetsItEnd() {
    try (FileProxy proxy = start("")) {
      try (RawClient waits = new RawClient(port);
          RawClient asks = new RawClient(port)) {
        String key = keyOf(proxy, "a");
        waits.write(RawClient.request("BLPOP", key, "0"));
        awaitBlocked(nodes.get(0));
        act(proxy, NodeAction.DRAIN, "a");
        ErrorReply unblocked = (ErrorReply) waits.read();
        assertTrue(String.valueOf(unblocked).contains("UNBLOCKED"), String.valueOf(unblocked));
        assertTrue(String.valueOf(asks.send("GET", key)).contains(OUT));
        act(proxy, NodeAction.READY, "a");
        assertNull(asks.send("GET", key));
        nodes.get(0).freeze();
        asks.write(RawClient.request("GET", key));
        Await.until("it is on its way", () -> proxy.metric("cashew_node_requests_in_flight") > 0);
        act(proxy, NodeAction.OFFLINE, "a");
        ErrorReply cutOff = (ErrorReply) asks.read();
        assertTrue(String.valueOf(cutOff).contains("was taken out"), String.valueOf(cutOff));
        nodes.get(0).thaw();
      }
    }
  }

  private static void awaitBlocked(RealRedis server) {
    try (RawClient client = server.connect()) {
      Await.until(
          "somebody waits",
          () -> String.valueOf(client.send("INFO", "clients")).contains("blocked_clients:1"));
    }
  }

  private static String keyOf(FileProxy proxy, String node) {
    for (int i = 0; ; i++) {
      String key = "key" + i;
      if (proxy
          .view()
          .pools()
          .get(0)
          .nodeOf(key.getBytes(java.nio.charset.StandardCharsets.UTF_8))
          .equals(node)) {
        return key;
      }
    }
  }

  @Test
  void theLastNodeAnswersErrorsAndTheOthersComeBack() {
    try (FileProxy proxy = start("eject.enabled = true");
        RawClient client = new RawClient(port)) {
      for (String name : List.of("a", "b", "c")) {
        act(proxy, NodeAction.DRAIN, name);
      }
      assertTrue(String.valueOf(client.send("GET", "k")).contains(OUT));
      act(proxy, NodeAction.READY, "b");
      for (int i = 0; i < 50; i++) {
        assertNull(client.send("GET", "k" + i));
      }
    }
  }
}
