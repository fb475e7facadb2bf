package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Slots of a real Cluster move, key by key, and replicas take over as planned, under pipelines:
 * nobody gets an error or a wrong reply, nothing is lost, executed twice or out of order. {@code
 * -Dcashew.slot-moves=10000 -Dcashew.failovers=100} for more.
 */
final class SlotMovesTest {
  private static final int MOVES = Integer.getInteger("cashew.slot-moves", 120);
  private static final int MANY_MOVES = Integer.getInteger("cashew.soak.slot-moves", 10_000);
  private static final int FAILOVERS = Integer.getInteger("cashew.failovers", 4);
  private static final int GUESTS = Integer.getInteger("cashew.guests", 2);
  private static final int PRIMARIES = 3;
  private static final int SLOTS = 9;
  private static final int CLIENTS = 6;
  private static final String CHANNEL = "news";

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  /** Of the keys that clients use: of slots, and behind routes others, too. */
  private final List<String> tags = new ArrayList<>();

  private final long seed = Long.getLong("cashew.seed", System.nanoTime());
  private volatile boolean moving = true;

  @TempDir private Path directory;

  /**
   * Moves slots, a few keys at a time. Several in a row have one target: another one has to hear
   * first of the last one's epoch, which takes up to a second.
   */
  private int move(RealCluster cluster, int times) {
    Random random = new Random(seed);
    Map<Integer, RealRedis> owners = new HashMap<>();
    RealRedis to = cluster.server(0);
    int moves = 0;
    try {
      for (int i = 0; moves < times && wrong.isEmpty(); i++) {
        if (i % SLOTS == 0) {
          to = cluster.server(random.nextInt(PRIMARIES));
        }
        int slot = RealCluster.slotOf(tags.get(random.nextInt(SLOTS)));
        RealRedis from =
            owners.computeIfAbsent(slot, one -> cluster.ownerOf(one, cluster.server(0)));
        if (from != null && from != to) {
          move(cluster, slot, from, to, 1 + random.nextInt(20));
          owners.put(slot, to);
          moves++;
        }
      }
    } finally {
      moving = false;
    }
    return moves;
  }

  /** Moves a slot, a few keys at a time. */
  private static void move(RealCluster cluster, int slot, RealRedis from, RealRedis to, int most) {
    cluster.beginMove(slot, from, to);
    while (cluster.moveKeys(slot, from, to, most) > 0) {
      Thread.onSpinWait();
    }
    cluster.endMove(slot, from, to);
  }

  /** Servers join, get slots, are emptied again and forgotten, one after the other. */
  private int comeAndGo(RealCluster cluster, TestProxy proxy) {
    Random random = new Random(seed);
    RealRedis home = cluster.server(0);
    int times = 0;
    try {
      for (; times < GUESTS && wrong.isEmpty(); times++) {
        RealRedis guest = cluster.join();
        List<Integer> slots =
            tags.stream()
                .map(RealCluster::slotOf)
                .filter(slot -> home.equals(cluster.ownerOf(slot, home)))
                .toList();
        slots.forEach(slot -> move(cluster, slot, home, guest, 1 + random.nextInt(20)));
        slots.forEach(slot -> move(cluster, slot, guest, home, 1 + random.nextInt(20)));
        assertTrue(slots.size() > 1);
        cluster.forget(guest);
        Await.until(
            "the proxy has let it go",
            () -> proxy.view().pools().get(0).nodes().size() == PRIMARIES);
        guest.close();
      }
    } finally {
      moving = false;
    }
    return times;
  }

  private void say(String what) {
    if (wrong.size() < 20) {
      wrong.add(what);
    }
  }

  private long pipelines(int port, int number, List<String> its) {
    SlotMovesClient client = new SlotMovesClient("c" + number, its, port, seed + number, this::say);
    while (moving) {
      client.batch();
    }
    client.end();
    return client.replies();
  }

  /** Pushes numbers, which another client waits for. */
  private long push(int port, String key) {
    long next = 1;
    try (RawClient client = new RawClient(port)) {
      while (moving) {
        for (int i = 0; i < 3; i++) {
          client.write(RawClient.request("RPUSH", key, "" + next++));
        }
        for (int i = 0; i < 3; i++) {
          Object said = client.read();
          if (!(said instanceof Long)) {
            say("RPUSH " + key + " is answered " + said);
          }
        }
        Thread.sleep(2);
      }
      client.send("RPUSH", key, "end");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return next - 1;
  }

  /** Waits for them: each comes once, in order. */
  private long pop(int port, String key) {
    long next = 1;
    try (RawClient client = new RawClient(port)) {
      while (true) {
        Object said = client.send("BLPOP", key, "30");
        if (said instanceof List<?> list && list.get(1).equals("end")) {
          return next - 1;
        }
        if (said instanceof ErrorReply error && error.text().startsWith("UNBLOCKED ")) {
          continue; // Redis's own word of a primary that steps down
        }
        if (!List.of(key, "" + next).equals(said)) {
          say("BLPOP " + key + " is answered " + said + ", not " + next);
          return next - 1;
        }
        next++;
      }
    }
  }

  /** Publishes numbers on a channel that another client listens to, by name and by a pattern. */
  private long publish(int port, CountDownLatch listened) {
    long next = 1;
    try (RawClient client = new RawClient(port)) {
      Await.open(listened);
      while (moving) {
        client.send("PUBLISH", CHANNEL, "" + next++);
        Thread.sleep(2);
      }
      client.send("PUBLISH", CHANNEL, "end");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return next - 1;
  }

  /** Listens: each message comes once a subscription, in order. */
  private long listen(int port, CountDownLatch listened) {
    try (RawClient client = new RawClient(port)) {
      try {
        client.send("SUBSCRIBE", CHANNEL);
        client.send("PSUBSCRIBE", "n*");
      } finally {
        listened.countDown(); // whoever waits for it goes on, and this tells what is wrong
      }
      for (long next = 1; ; next++) {
        List<Object> both = List.of(client.read(), client.read());
        if (both.contains(List.of("message", CHANNEL, "end"))) {
          return next;
        }
        List<Object> right =
            List.of(
                List.of("message", CHANNEL, "" + next),
                List.of("pmessage", "n*", CHANNEL, "" + next));
        if (!right.equals(both)) {
          say("what is published comes as " + both + ", not " + right);
          return next;
        }
      }
    }
  }

  /** Who publishes at a port, and who listens at one. */
  private List<Callable<Long>> messages(int publish, int listen) {
    CountDownLatch listened = new CountDownLatch(1);
    return List.of(() -> publish(publish, listened), () -> listen(listen, listened));
  }

  /** Reads what others count: no number goes back. */
  private long read(int port) {
    Map<String, Long> last = new HashMap<>();
    long reads = 0;
    try (RawClient client = new RawClient(port)) {
      while (moving) {
        List<String> keys = new ArrayList<>();
        for (String tag : tags) {
          for (int i = 0; i < 2; i++) {
            keys.add(tag + "c" + i + "n");
          }
        }
        keys.forEach(key -> client.write(RawClient.request("GET", key)));
        for (String key : keys) {
          Object said = client.read();
          long now = said instanceof String number ? Long.parseLong(number) : said == null ? 0 : -1;
          if (now < last.getOrDefault(key, 0L)) {
            say("GET " + key + " is answered " + said + " after " + last.get(key));
          }
          last.put(key, now);
          reads++;
        }
      }
    }
    return reads;
  }

  /** Replica after replica takes over from its primary, in a planned way. */
  private int failOver(RealCluster cluster) {
    Map<Integer, RealRedis> replicas = new HashMap<>();
    int failovers = 0;
    try {
      while (failovers < FAILOVERS && wrong.isEmpty()) {
        int shard = failovers % PRIMARIES;
        RealRedis replica = replicas.getOrDefault(shard, cluster.server(PRIMARIES + shard));
        cluster.failOver(replica);
        replicas.put(
            shard,
            replica == cluster.server(shard)
                ? cluster.server(PRIMARIES + shard)
                : cluster.server(shard));
        failovers++;
      }
    } finally {
      moving = false;
    }
    return failovers;
  }

  @Test
  void nobodySeesThatSlotsMove() throws Exception {
    nobodySees(MOVES);
  }

  /** A quarter of an hour: -Psoak. */
  @Test
  @Tag("soak")
  void nobodySeesThatManySlotsMove() throws Exception {
    nobodySees(MANY_MOVES);
  }

  private void nobodySees(int moves) throws Exception {
    try (RealCluster cluster = RealCluster.start(PRIMARIES, 0);
        TestProxy proxy = proxy(cluster)) {
      List<Callable<Long>> others = messages(proxy.port(), proxy.port());
      assertEquals(moves, disturbed(others, () -> move(cluster, moves), proxy.port()));
      assertTrue(verdicts(proxy, Verdict.MOVED) > 0);
      assertTrue(verdicts(proxy, Verdict.ASK) > 0);
      assertTrue(verdicts(proxy, Verdict.TRYAGAIN) > 0);
    }
  }

  @Test
  void nobodySeesThatServersJoinAndAreEmptiedAndForgotten() throws Exception {
    try (RealCluster cluster = RealCluster.start(PRIMARIES, 0);
        TestProxy proxy = builder(cluster).with(ClusterSettings.REFRESH, 1_000L).start()) {
      assertEquals(GUESTS, disturbed(() -> comeAndGo(cluster, proxy), proxy.port()));
      assertTrue(verdicts(proxy, Verdict.ASK) > 0);
    }
  }

  @Test
  void nobodySeesThatReplicasTakeOverAsPlanned() throws Exception {
    try (RealCluster cluster = RealCluster.start(PRIMARIES, 1);
        TestProxy proxy = proxy(cluster)) {
      assertEquals(FAILOVERS, disturbed(() -> failOver(cluster), proxy.port()));
    }
  }

  /** By routes to it and to nodes, and by its own port at the same time. */
  @Test
  void nobodySeesThatSlotsMoveBehindRoutes() throws Exception {
    int front = FreePorts.next();
    int own = FreePorts.next();
    try (RealCluster cluster = RealCluster.start(PRIMARIES, 0);
        RealRedis a = RealRedis.start();
        RealRedis b = RealRedis.start();
        FileProxy proxy =
            FileProxy.start(
                directory.resolve("cashew.conf"),
                """
                cashew {
                  workers = 2
                  admin.listen = off
                  pools.front {
                    listen = "127.0.0.1:%d"
                    routes = [ { keys = "nodes:*", pool = nodes }, { pool = cluster } ]
                  }
                  pools.nodes { nodes = [ "%s a", "%s b" ], hash-tag = "{}", timeout = 20s }
                  pools.cluster { listen = "127.0.0.1:%d", cluster.seeds = [ "%s" ], timeout = 20s }
                }
                """
                    .formatted(
                        front, a.address(), b.address(), own, cluster.server(0).address()))) {
      assertEquals(
          MOVES, disturbed(messages(front, own), () -> move(cluster, MOVES), front, front, own));
      for (Verdict verdict : List.of(Verdict.MOVED, Verdict.ASK, Verdict.TRYAGAIN)) {
        assertTrue(proxy.metric(metric(verdict)) > 0, () -> "" + verdict);
      }
      try (RawClient client = new RawClient(front)) {
        assertTrue((Long) client.send("DBSIZE") > SLOTS);
      }
    }
  }

  private static TestProxy proxy(RealCluster cluster) {
    return builder(cluster).start();
  }

  private static TestProxy.Builder builder(RealCluster cluster) {
    return new TestProxy.Builder().workers(2).timeoutMillis(20_000).cluster(cluster.server(0));
  }

  /**
   * Has clients ask while something happens to the Cluster.
   *
   * @param ports where they connect, in turns; keys that go elsewhere than to the Cluster are asked
   *     for at the first, if there are several
   * @return how often it has happened
   */
  private int disturbed(Callable<Integer> disturbance, int... ports) throws Exception {
    return disturbed(List.of(), disturbance, ports);
  }

  /** The same while others do something too. */
  private int disturbed(List<Callable<Long>> others, Callable<Integer> disturbance, int... ports)
      throws Exception {
    for (int i = 0; i < SLOTS; i++) {
      tags.add(RealCluster.keyOf(RealCluster.SLOTS * i / SLOTS + 5));
    }
    List<String> ofSlots = List.copyOf(tags);
    if (ports.length > 1) {
      tags.addAll(List.of("nodes:{a}", "nodes:{b}", "nodes:{c}"));
    }
    for (int port : ports) {
      ClusterTest.awaitServed(port);
    }
    List<Callable<Long>> tasks = new ArrayList<>(others);
    for (int i = 0; i < CLIENTS; i++) {
      int number = i;
      int port = ports[i % ports.length];
      List<String> its = port == ports[0] ? tags : ofSlots;
      tasks.add(() -> pipelines(port, number, its));
    }
    for (int i = 0; i < 2; i++) {
      String key = tags.get(i) + "queue";
      tasks.add(() -> push(ports[0], key));
      tasks.add(() -> pop(ports[ports.length - 1], key));
    }
    tasks.add(() -> read(ports[0]));
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<Long>> ends = new ArrayList<>();
      tasks.forEach(task -> ends.add(threads.submit(task)));
      int times = disturbance.call();
      for (Future<Long> end : ends) {
        assertTrue(end.get(60, TimeUnit.SECONDS) > 0);
      }
      assertEquals(List.of(), List.copyOf(wrong), "seed " + seed);
      return times;
    } finally {
      threads.shutdownNow();
    }
  }

  /** How often servers have said so. */
  private static double verdicts(TestProxy proxy, Verdict verdict) {
    return proxy.metric(metric(verdict));
  }

  private static String metric(Verdict verdict) {
    return "cashew_node_verdicts_total{kind=\"%s\""
        .formatted(verdict.name().toLowerCase(Locale.ROOT));
  }
}
