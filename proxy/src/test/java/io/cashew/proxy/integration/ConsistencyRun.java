package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FaultyLink.End;
import io.cashew.proxy.testing.History;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that write and read for as many requests as they may, over links of which all but one
 * break in random ways, and a history of it that must hold. What happens is chosen by a seed; when
 * it meets what, is the machine's business: a seed makes a failure likely again, not certain.
 */
final class ConsistencyRun implements AutoCloseable {
  static final int NODES = 4;

  /** The last node never has a fault, and must have no errors. */
  static final int FAULTY_NODES = 3;

  private static final int TIMEOUT_MILLIS = 300;

  /** One way in which a link or its node breaks. */
  private record Trouble(String name, Act act) {}

  private interface Act {
    void on(FaultyLink link, RealRedis node, Random random);
  }

  private static final List<Trouble> TROUBLES =
      List.of(
          new Trouble("latency", (link, node, random) -> link.latencyMillis(random.nextInt(200))),
          new Trouble("more than the time-out", (link, node, random) -> link.latencyMillis(400)),
          new Trouble("blackhole", (link, node, random) -> link.blackhole(true)),
          new Trouble("reset", (link, node, random) -> link.drop(End.RST)),
          new Trouble("close", (link, node, random) -> link.drop(End.FIN)),
          new Trouble("half-close", (link, node, random) -> link.halfClose()),
          new Trouble("refuse", (link, node, random) -> link.refuse()),
          new Trouble(
              "no answer to SYN",
              (link, node, random) -> {
                link.dropConnects();
                link.drop(End.RST);
              }),
          new Trouble(
              "drip",
              (link, node, random) -> link.replies(FaultyLink.drip(1 + random.nextInt(9), 1))),
          new Trouble(
              "cut",
              (link, node, random) ->
                  link.replies(
                      FaultyLink.cut(
                          random.nextInt(200), random.nextBoolean() ? End.FIN : End.RST))),
          new Trouble(
              "lost replies", (link, node, random) -> link.replies(FaultyLink.cut(0, End.RST))),
          new Trouble(
              "garbage", (link, node, random) -> link.replies(FaultyLink.instead("!garbage\r\n"))),
          new Trouble(
              "a length that is none",
              (link, node, random) -> link.replies(FaultyLink.instead("$4294967299\r\n"))),
          new Trouble("frozen", (link, node, random) -> node.freeze()));

  private final long seed;
  private final History history = new History();
  private final List<RealRedis> nodes = new ArrayList<>();
  private final List<FaultyLink> links = new ArrayList<>();
  private final List<ConsistencyClient> clients = new ArrayList<>();
  private final TestProxy proxy;

  ConsistencyRun(long seed, int workers) {
    this.seed = seed;
    TestProxy.Builder builder =
        new TestProxy.Builder().timeoutMillis(TIMEOUT_MILLIS).workers(workers).retryReads();
    for (int i = 0; i < NODES; i++) {
      nodes.add(RealRedis.start());
      links.add(FaultyLink.to(nodes.get(i).port()));
      builder.node(links.get(i).port());
    }
    proxy = builder.start();
  }

  TestProxy proxy() {
    return proxy;
  }

  History history() {
    return history;
  }

  ConsistencyClient anyClient(Random random) {
    return clients.get(random.nextInt(clients.size()));
  }

  /**
   * Runs it.
   *
   * @param small clients whose connections must never end
   * @param large clients that also have large values
   * @param pipelines that they send together
   */
  void run(int small, int large, long pipelines) {
    AtomicLong budget = new AtomicLong(pipelines);
    for (int i = 0; i < small + large; i++) {
      clients.add(new ConsistencyClient(i, this, new Random(seed + i + 1), i >= small, budget));
    }
    List<FutureTask<Void>> running = new ArrayList<>();
    for (ConsistencyClient client : clients) {
      FutureTask<Void> task = new FutureTask<>(client, null);
      running.add(task);
      new Thread(task, "consistency client").start();
    }
    List<String> log = trouble(budget);
    running.forEach(Await::result);
    Keys keys = Keys.over(NODES);
    try (RawClient asking = proxy.connect()) {
      for (int node = 0; node < NODES; node++) {
        String key = keys.on(node);
        Await.until(
            "node " + node + " is back after " + log,
            () -> !(asking.send("GET", key) instanceof ErrorReply));
      }
    }
    clients.forEach(ConsistencyClient::finish);
    String about = "seed " + seed + ", " + history + ", " + log;
    assertEquals(List.of(), history.violations(), about);
    assertEquals(0, proxy.failures("n3"), about);
  }

  /** Breaks one link after the other, and mends each when clients have done something. */
  private List<String> trouble(AtomicLong budget) {
    Random random = new Random(seed);
    List<String> log = new ArrayList<>();
    while (budget.get() > 0) {
      int at = random.nextInt(FAULTY_NODES);
      Trouble trouble = TROUBLES.get(random.nextInt(TROUBLES.size()));
      log.add(trouble.name() + " n" + at);
      trouble.act().on(links.get(at), nodes.get(at), random);
      awaitBudget(budget, budget.get() - random.nextInt(40));
      nodes.get(at).thaw();
      links.get(at).heal();
      awaitBudget(budget, budget.get() - random.nextInt(20));
    }
    return log;
  }

  private static void awaitBudget(AtomicLong budget, long until) {
    Await.until("clients go on", () -> budget.get() <= Math.max(0, until));
  }

  @Override
  public void close() {
    proxy.close();
    links.forEach(FaultyLink::close);
    nodes.forEach(RealRedis::close);
  }
}
