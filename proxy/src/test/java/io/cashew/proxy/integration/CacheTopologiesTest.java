package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What memory and filters say while other servers become primaries, while slots move, and where
 * replicas answer. Nothing that was acknowledged is lost here, as far as servers go: nobody writes
 * while one takes over, and it has all that was written.
 */
@ExtendWith(LeakCheck.class)
final class CacheTopologiesTest {
  @TempDir private Path directory;

  private static @Nullable Object ask(RealRedis server, String... request) {
    try (RawClient direct = server.connect()) {
      return direct.send(request);
    }
  }

  /** The same; null while Sentinels, who give a server another role, end all its clients. */
  private static @Nullable Object askWhileItChanges(RealRedis server, String... request) {
    try {
      return ask(server, request);
    } catch (UncheckedIOException ended) {
      return null;
    }
  }

  /** Until a replica has what its primary has: as much as a write that comes behind it all. */
  private static void awaitCopied(RealRedis primary) {
    try (RawClient direct = primary.connect()) {
      Await.until(
          "a replica has it all",
          () -> {
            direct.send("PUBLISH", "behind", "all"); // which replicas are told as well
            return Long.valueOf(1).equals(direct.send("WAIT", "1", "1000"));
          });
    }
  }

  private static String nodeOf(SentinelRing ring) {
    return "sentinel.addresses = [ %s ], nodes = [ { name = n, master = %s } ]"
        .formatted(
            String.join(", ", ring.addresses().stream().map(each -> "\"" + each + "\"").toList()),
            SentinelRing.MASTER);
  }

  /** Until a write of each of these clients is at a server. */
  private static void awaitWritesAt(RealRedis server, List<RawClient> clients) {
    Await.until(
        "it is primary", // what is written to its former one is at it, too, before
        () ->
            String.valueOf(askWhileItChanges(server, "INFO", "replication"))
                .contains("role:master"));
    for (RawClient client : clients) {
      Await.until(
          "writes go to the new primary",
          () -> {
            String value = "" + System.nanoTime();
            client.send("SET", "written", value);
            return value.equals(askWhileItChanges(server, "GET", "written"));
          });
    }
  }

  @Test
  void nobodyGoesBackWhenSentinelsHaveAnotherServerTakeOver() throws Exception {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      CacheCrowd crowd = new CacheCrowd(directory);
      crowd.start(nodeOf(ring));
      int[] rounds = new int[1];
      crowd.run(
          random -> {
            if (++rounds[0] == 10) {
              crowd.whileNobodyWrites(
                  () -> {
                    awaitCopied(ring.primary());
                    ring.failOver();
                    List<RawClient> clients = new ArrayList<>(); // of every worker
                    for (int i = 0; i < 8; i++) {
                      clients.add(crowd.connect(i % 2));
                    }
                    awaitWritesAt(ring.replica(), clients);
                    clients.forEach(RawClient::close);
                  });
            }
          });
      assertTrue(rounds[0] >= 10);
    }
  }

  @Test
  void nobodyGoesBackWhenReplicasOfAClusterTakeOver() throws Exception {
    try (RealCluster cluster = RealCluster.start(2, 1)) {
      CacheCrowd crowd = new CacheCrowd(directory);
      crowd.start("cluster.seeds = [ \"" + cluster.server(0).address() + "\" ]");
      int[] rounds = new int[1];
      crowd.run(
          random -> {
            if (++rounds[0] == 10) {
              RealRedis replica = replicaOf(cluster);
              crowd.whileNobodyWrites(() -> cluster.failOver(replica));
            } else if (rounds[0] < 10 && rounds[0] % 4 == 0) {
              moveASlot(cluster, RealCluster.slotOf(CacheCrowd.someKey(random)));
            }
          });
      assertTrue(rounds[0] >= 10);
    }
  }

  private static RealRedis replicaOf(RealCluster cluster) {
    return cluster.servers().stream()
        .filter(each -> String.valueOf(ask(each, "INFO", "replication")).contains("role:slave"))
        .findFirst()
        .orElseThrow();
  }

  private static void moveASlot(RealCluster cluster, int slot) {
    RealRedis from = cluster.ownerOf(slot, cluster.server(0));
    RealRedis to = cluster.ownerOf(slot == 0 ? RealCluster.SLOTS - 1 : 0, cluster.server(0));
    if (from != null && to != null && from != to) {
      cluster.move(slot, from, to);
    }
  }

  @Test
  void whatReplicasSayIsNotKept() {
    try (RealRedis primary = RealRedis.start("--repl-diskless-sync-delay", "0");
        FaultyLink link = FaultyLink.to(primary.port());
        RealRedis replica = RealRedis.start("--replicaof", "127.0.0.1", "" + link.port())) {
      Await.until(
          "the replica follows",
          () -> String.valueOf(ask(replica, "INFO", "replication")).contains("link_status:up"));
      ask(primary, "MSET", "k", "old", "k:other", "old");
      ask(primary, "HSET", "k:hash", "f", "old");
      awaitCopied(primary);
      int port = FreePorts.next();
      String pool =
          """
          cashew {
            workers = 2
            admin.listen = off
            pools.p {
              listen = "127.0.0.1:%d"
              nodes = [ { name = n, addresses = [ "127.0.0.1:%d", "127.0.0.1:%d" ] } ]
              read-from = prefer-replica
              cache.rules = [ { match = "k*", near = 60s, missing = 60s } ]
            }
          }
          """
              .formatted(port, primary.port(), replica.port());
      try (FileProxy proxy = FileProxy.start(directory.resolve("replicas.conf"), pool);
          RawClient client = new RawClient(port)) {
        link.blackhole(true);
        ask(primary, "MSET", "k", "new", "k:other", "new", "k:third", "new");
        ask(primary, "HSET", "k:hash", "f", "new");
        List<String[]> reads =
            List.of(
                new String[] {"GET", "k"},
                new String[] {"MGET", "k:other", "k"},
                new String[] {"GET", "k:third"},
                new String[] {"HGET", "k:hash", "f"},
                new String[] {"HGETALL", "k:hash"});
        for (int i = 0; i < 200; i++) {
          for (String[] read : reads) {
            double before = given(proxy);
            String reply = String.valueOf(client.send(read));
            boolean ofMemory = given(proxy) > before;
            assertTrue(!ofMemory || reply.contains("new"), String.join(" ", read) + ": " + reply);
          }
        }
        assertTrue(given(proxy) > 200, "little was kept");
      }
    }
  }

  private static double given(FileProxy proxy) {
    return proxy.metric("cashew_cache_hits_total") + proxy.metric("cashew_cache_missing_hits");
  }

  // ---------------------------------------------------------------- guard

  private static final int KEYS = 5000;

  private FileProxy guarding(int port, String servers) {
    String text =
        """
        cashew {
          workers = 2
          admin.listen = off
          pools.p {
            listen = "127.0.0.1:%d"
            timeout = 500ms
            %s
            cache.rules = [ { match = "page:*", guard = existing } ]
          }
        }
        """
            .formatted(port, servers);
    return FileProxy.start(directory.resolve("guard.conf"), text);
  }

  private static List<Object> sendAll(RawClient by, String command, String key, String... rest) {
    List<Object> replies = new ArrayList<>();
    for (int from = 0; from < KEYS; from += 500) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = from; i < from + 500; i++) {
        List<String> request = new ArrayList<>(List.of(command, key + i));
        request.addAll(List.of(rest));
        bytes.writeBytes(RawClient.request(request.toArray(String[]::new)));
      }
      by.write(bytes.toByteArray());
      for (int i = from; i < from + 500; i++) {
        replies.add(String.valueOf(by.read()));
      }
    }
    return replies;
  }

  /** Until nearly all of some keys that do not exist are answered without a node. */
  private static void awaitGuarded(FileProxy proxy, RawClient client) {
    int[] round = new int[1];
    Await.until(
        "all filters are complete",
        () -> {
          double before = proxy.metric("cashew_cache_guarded_total");
          sendAll(client, "GET", "page:none:" + round[0]++ + ":");
          return proxy.metric("cashew_cache_guarded_total") - before >= KEYS * 0.99;
        });
  }

  /** Asks for keys that exist until something is over. @return how often one was said not to */
  private static Thread asking(int port, boolean[] over, List<Object> wrong) {
    Thread thread =
        new Thread(
            () -> {
              Random random = new Random(1);
              try (RawClient client = new RawClient(port)) {
                while (!over[0]) {
                  Object reply = client.send("GET", "page:" + random.nextInt(KEYS));
                  if (reply == null) {
                    wrong.add("nil");
                  }
                }
              }
            });
    thread.start();
    return thread;
  }

  /** What happens to servers. */
  private interface Change {
    void happens() throws Exception;
  }

  private void noKeyIsMissed(int port, FileProxy proxy, Change change) throws Exception {
    List<Object> wrong = new ArrayList<>();
    boolean[] over = new boolean[1];
    try (RawClient client = new RawClient(port)) {
      sendAll(client, "SET", "page:", "v");
      awaitGuarded(proxy, client);
      Thread asking = asking(port, over, wrong);
      try {
        change.happens();
        awaitGuarded(proxy, client);
      } finally {
        over[0] = true;
        Await.end(asking);
      }
      assertEquals(List.of(), wrong);
      assertTrue(sendAll(client, "GET", "page:").stream().allMatch("v"::equals));
    }
  }

  @Test
  void noKeyOfAClusterIsMissedWhileSlotsMoveAndReplicasTakeOver() throws Exception {
    try (RealCluster cluster = RealCluster.start(2, 1)) {
      int port = FreePorts.next();
      String seeds = "cluster.seeds = [ \"" + cluster.server(0).address() + "\" ]";
      try (FileProxy proxy = guarding(port, seeds)) {
        noKeyIsMissed(
            port,
            proxy,
            () -> {
              for (int i = 0; i < 20; i++) {
                moveASlot(cluster, RealCluster.slotOf("page:" + i * 7));
              }
              RealRedis replica = replicaOf(cluster);
              awaitCopied(cluster.server(0));
              awaitCopied(cluster.server(1));
              cluster.failOver(replica);
            });
      }
    }
  }

  @Test
  void noKeyIsMissedWhenSentinelsHaveAnotherServerTakeOver() throws Exception {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      int port = FreePorts.next();
      try (FileProxy proxy = guarding(port, nodeOf(ring))) {
        noKeyIsMissed(
            port,
            proxy,
            () -> {
              awaitCopied(ring.primary());
              ring.failOver();
              try (RawClient client = new RawClient(port)) {
                awaitWritesAt(ring.replica(), List.of(client));
              }
            });
      }
    }
  }
}
