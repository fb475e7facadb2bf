package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.History;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that never pause, while their proxy takes one configuration after the other over. Each
 * node has two addresses, so that it can move and be the same: whatever was written must be found.
 */
final class ReloadUnderLoadTest {
  private static final int NODES = 3;
  private static final int CLIENTS = 8;
  private static final int REQUESTS = 100_000;
  private static final int KEYS = 60;

  private final List<RealRedis> nodes = new ArrayList<>();
  private final List<FaultyLink> links = new ArrayList<>();
  private final int port = FreePorts.next();
  private final int otherPort = FreePorts.next();
  private final History history = new History();
  private final AtomicLong answered = new AtomicLong();

  /** Every configuration has been in force: the load need not go on for that. */
  private volatile boolean reloadedEnough;

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    links.forEach(FaultyLink::close);
    nodes.forEach(RealRedis::close);
  }

  /** A configuration: which of its addresses each node has, and what else. */
  private String config(int address, String settings, String more) {
    String list =
        IntStream.range(0, NODES)
            .mapToObj(n -> "\"127.0.0.1:" + links.get(2 * n + address).port() + ":1 n" + n + "\"")
            .collect(Collectors.joining(", "));
    return """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false, pools.p {
          listen = "127.0.0.1:%d", hash = murmur, %s, nodes = [%s]
        }, %s }
        """
        .formatted(port, settings, list, more);
  }

  private String config(int address, String settings) {
    return config(address, settings, "");
  }

  @Test
  void noRequestFailsAndNoKeyMovesWhileEverythingElseDoes() {
    for (int i = 0; i < NODES; i++) {
      nodes.add(RealRedis.start());
      links.add(FaultyLink.to(nodes.get(i).port()));
      links.add(FaultyLink.to(nodes.get(i).port()));
    }
    String otherPool =
        "pools.q { listen = \"127.0.0.1:"
            + otherPort
            + "\", nodes = [\""
            + nodes.get(0).address()
            + "\"] }";
    List<String> configurations =
        List.of(
            config(1, "timeout = 10s"),
            config(0, "timeout = 10s"),
            config(0, "timeout = 9s, connections-per-node = 3"),
            config(1, "timeout = 10s", otherPool),
            config(1, "timeout = 10s, limits.in-flight-per-client = 40"),
            config(0, "timeout = 10s, auth.users.somebody.rules = \"on nopass +get\""),
            config(0, "timeout = 10s, tcp-keepalive = true, preconnect = true"),
            config(0, "timeout = 10s, limits.databases = 2"));
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config(0, "timeout = 10s"))) {
      List<FutureTask<Void>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int id = i;
        FutureTask<Void> task = new FutureTask<>(() -> load(id), null);
        running.add(task);
        new Thread(task, "load " + i).start();
      }
      int reloads = 0;
      while (!running.stream().allMatch(FutureTask::isDone)) {
        String text = proxy.take(configurations.get(reloads % configurations.size()));
        assertTrue(!text.contains("of keys move"), text);
        reloads++;
        reloadedEnough = reloads > configurations.size();
      }
      assertEquals(List.of(), history.violations(), history + ", " + reloads + " reloads");
      assertTrue(answered.get() >= REQUESTS, answered + " requests");
      assertEquals(0, proxy.metric("cashew_node_failures_total"), "requests that failed");
      assertEquals(0, proxy.metric("cashew_error_replies_total"), "errors of the proxy");
      assertEquals(CLIENTS, proxy.metric("cashew_clients_accepted_total{pool=\"p\"}"));
    }
  }

  /** Pipelines of writes and reads of this client's own keys, on one connection to the end. */
  private void load(int id) {
    List<History.Register> registers = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      registers.add(history.new Register("k:" + id + ":" + i));
    }
    long counted = 0;
    try (RawClient client = new RawClient(port)) {
      for (int round = 0; answered.get() < REQUESTS || !reloadedEnough; round++) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        History.Register one = registers.get(round % KEYS);
        History.Register two = registers.get((round * 7 + 3) % KEYS);
        long first = one.begin();
        long second = two.begin();
        bytes.writeBytes(RawClient.request("SET", one.key(), one.value(first)));
        bytes.writeBytes(RawClient.request("GET", one.key()));
        bytes.writeBytes(RawClient.request("SET", two.key(), two.value(second)));
        bytes.writeBytes(RawClient.request("MGET", one.key(), two.key(), "k:" + id + ":none"));
        bytes.writeBytes(RawClient.request("INCR", "c:" + id));
        bytes.writeBytes(RawClient.request("ECHO", "e" + round));
        client.write(bytes.toByteArray());
        written(one, first, client.read());
        one.read(client.read(), one.lowest());
        written(two, second, client.read());
        Object both = client.read();
        if (both instanceof List<?> values && values.size() == 3 && values.get(2) == null) {
          one.read(values.get(0), one.lowest());
          two.read(values.get(1), two.lowest());
        } else {
          history.violated("MGET gave " + both);
        }
        expect(Long.valueOf(++counted), client.read());
        expect("e" + round, client.read());
        answered.addAndGet(6);
      }
      for (History.Register register : registers) {
        register.read(client.send("GET", register.key()), register.lowest());
      }
    } catch (UncheckedIOException e) {
      history.violated("client " + id + " was cut off: " + e.getCause());
      answered.addAndGet(REQUESTS);
      reloadedEnough = true;
    }
  }

  private void written(History.Register register, long number, Object reply) {
    expect("OK", reply);
    register.acknowledge(number);
  }

  private void expect(Object expected, Object reply) {
    if (!expected.equals(reply)) {
      history.violated(reply + " instead of " + expected);
    }
  }
}
