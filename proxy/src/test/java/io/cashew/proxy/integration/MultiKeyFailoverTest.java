package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Clients whose requests have keys on several nodes, while the keys of one go to another server:
 * they see no error, and no value but the last that they wrote.
 */
final class MultiKeyFailoverTest {
  private static final int CLIENTS = 8;
  private static final int KEYS = 12;
  private static final int FAILOVERS = 4;
  private static final int ROUNDS_OF_MOVES = 3;

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(20_000)
        .with(HealthSettings.FAILOVER_WAIT, 20_000L);
  }

  /** Has one server take the place of another, which has stopped writes until it has all. */
  private static void failOver(RealRedis from, RealRedis to) {
    try (RawClient former = from.connect();
        RawClient next = to.connect()) {
      assertEquals("OK", former.send("CLIENT", "PAUSE", "60000", "WRITE"));
      Await.until(
          "the replica has all that was written",
          () -> field(former, "master_repl_offset:").equals(field(next, "slave_repl_offset:")));
      assertEquals("OK", next.send("REPLICAOF", "NO", "ONE"));
      assertEquals("OK", former.send("REPLICAOF", "127.0.0.1", "" + to.port()));
      assertEquals("OK", former.send("CLIENT", "UNPAUSE"));
    }
    SentinelRing.awaitReplica(to, from);
  }

  private static String field(RawClient client, String name) {
    String said = String.valueOf(client.send("INFO", "replication"));
    int at = said.indexOf(name);
    return at < 0 ? said : said.substring(at + name.length(), said.indexOf('\r', at));
  }

  private static void assertThatPartsWereSentAgain(TestProxy proxy) {
    double sentAgain = proxy.metric("cashew_retries_total");
    assertTrue(sentAgain > 0, "nothing was sent again: " + sentAgain);
  }

  @Test
  void aPlannedFailoverCostsThemNothingButTime() throws InterruptedException {
    try (RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port());
        RealRedis other = RealRedis.start()) {
      SentinelRing.awaitReplica(one, two);
      try (TestProxy proxy =
          builder().among("n", one.port(), two.port()).node("m", other.port()).start()) {
        List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "key" + i + ":").toList();
        MultiKeyClients clients = new MultiKeyClients(CLIENTS, proxy.port(), keys);
        for (int i = 0; i < FAILOVERS; i++) {
          assertEquals(List.of(), clients.wrong());
          failOver(i % 2 == 0 ? one : two, i % 2 == 0 ? two : one);
        }
        assertEquals(List.of(), clients.wrong());
        assertEquals(List.of(), clients.end());
        assertThatPartsWereSentAgain(proxy);
      }
    }
  }

  @Test
  void slotsOfAClusterThatMoveCostThemNothingButTime() throws InterruptedException {
    try (RealCluster cluster = RealCluster.start(3, 0);
        TestProxy proxy =
            builder().cluster(cluster.server(0)).with(ClusterSettings.REFRESH, 1_000L).start()) {
      int[] slots = {3, 4, 5, 6000, 6001, 12_000};
      List<String> keys =
          IntStream.of(slots)
              .mapToObj(RealCluster::keyOf)
              .flatMap(tag -> List.of(tag + "a", tag + "b").stream())
              .toList();
      MultiKeyClients clients = new MultiKeyClients(CLIENTS, proxy.port(), keys);
      for (int round = 0; round < ROUNDS_OF_MOVES; round++) {
        assertEquals(List.of(), clients.wrong());
        for (int slot : slots) {
          RealRedis from = cluster.server((slot * 3 / RealCluster.SLOTS + round) % 3);
          RealRedis to = cluster.server((slot * 3 / RealCluster.SLOTS + round + 1) % 3);
          cluster.beginMove(slot, from, to);
          while (cluster.moveKeys(slot, from, to, 3) > 0) {
            Thread.onSpinWait();
          }
          cluster.endMove(slot, from, to);
        }
      }
      assertEquals(List.of(), clients.wrong());
      assertEquals(List.of(), clients.end());
      assertThatPartsWereSentAgain(proxy);
    }
  }
}
