package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.ListWriters;
import io.cashew.proxy.testing.ListWriters.Writer;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers of every shard of a real Cluster while a primary is killed, its replica elected and the
 * former primary comes back: other shards do not notice, and of that shard's writes only what was
 * in flight fails.
 */
@Timeout(300)
final class ClusterLossTest {
  private static final int PRIMARIES = 3;
  private static final int WRITERS_EACH = 2;
  private static final int SOME = 50;

  private final RealCluster cluster = RealCluster.start(PRIMARIES, 1);

  /** Whether what is answered cannot be by the server that is to be killed. */
  private volatile boolean killed;

  private TestProxy proxy;
  private final ListWriters writers = new ListWriters(() -> proxy.connect());

  @BeforeEach
  void start() {
    proxy =
        new TestProxy.Builder()
            .workers(2)
            .with(HealthSettings.FAILOVER_WAIT, 60_000L)
            .timeoutMillis(60_000)
            .cluster(cluster.server(0))
            .start();
    ClusterTest.awaitServed(proxy.port());
  }

  @AfterEach
  void stop() {
    writers.close();
    proxy.close();
    cluster.close();
  }

  private static String info(RealRedis server, String section) {
    try (RawClient client = server.connect()) {
      return String.valueOf(client.send("INFO", section));
    }
  }

  @Test
  void aPrimaryThatIsKilledCostsItsShardWhatWasInFlightAndOthersNothing() {
    List<Writer> ofKilled = new ArrayList<>();
    List<Writer> ofOthers = new ArrayList<>();
    for (int i = 0; i < PRIMARIES * WRITERS_EACH; i++) {
      int shard = i % PRIMARIES;
      int number = RealCluster.SLOTS * shard / PRIMARIES + 7 + i / PRIMARIES;
      (shard == 0 ? ofKilled : ofOthers)
          .add(
              writers.begin(
                  RealCluster.keyOf(number) + "list",
                  () -> {
                    boolean isKept = shard != 0 || killed;
                    return () -> isKept;
                  }));
    }
    writers.awaitMore(150, SOME);
    cluster.server(0).close();
    killed = true; // nobody else can answer
    writers.awaitMore(150, SOME);
    RealRedis former = cluster.comeBack(0);
    Await.until(
        "the former primary is a replica",
        () -> info(former, "replication").contains("role:slave"));
    cluster.awaitWell();
    writers.awaitMore(150, SOME);
    writers.end();
    try (RawClient client = proxy.connect()) {
      for (Writer writer : ofKilled) {
        writer.check(client);
        writer.checkOnlyInFlightFailed();
      }
      for (Writer writer : ofOthers) {
        writer.check(client);
        assertEquals(List.of(), writer.errors(), "of a shard whose primary lives");
      }
    }
    assertTrue(
        !info(former, "errorstats").contains("errorstat_MOVED"), "nothing goes to the former");
  }
}
