package io.cashew.proxy.integration;

import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nobody is given an older value from memory than a client of the same proxy has seen, whatever
 * happens to servers and to the connections on which they tell of changes; see {@link CacheCrowd}.
 */
@ExtendWith(LeakCheck.class)
final class CacheLawsTest {
  @TempDir private Path directory;

  private static void flushDirectly(RealRedis redis) {
    try (RawClient direct = redis.connect()) {
      direct.send("FLUSHALL");
    }
  }

  @Test
  void nobodyGoesBackWhileServersAndConnectionsFail() throws Exception {
    whileServersAndConnectionsFail(new CacheCrowd(directory));
  }

  @Test
  void noValueIsGivenAfterItsEndThatWasNotTheNewest() throws Exception {
    CacheCrowd crowd = new CacheCrowd(directory);
    crowd.deletes();
    whileServersAndConnectionsFail(crowd);
  }

  @Test
  void soItIsWhereNothingFails() throws Exception {
    CacheCrowd crowd = new CacheCrowd(directory);
    crowd.deletes();
    try (RealRedis one = RealRedis.start()) {
      crowd.start("nodes = [ \"127.0.0.1:%d a\" ]".formatted(one.port()));
      crowd.run(random -> {});
    }
  }

  @Test
  void nobodyGoesBackByRoutesAndOwnPorts() throws Exception {
    CacheCrowd crowd = new CacheCrowd(directory);
    crowd.comesByRoutes();
    whileServersAndConnectionsFail(crowd, ";");
  }

  @Test
  void noValueIsGivenByRoutesThatWasNotTheNewest() throws Exception {
    CacheCrowd crowd = new CacheCrowd(directory);
    crowd.comesByRoutes();
    crowd.deletes();
    whileServersAndConnectionsFail(crowd, ";");
  }

  @Test
  void twoPoolsOfOneServerKeepTheLaw() throws Exception {
    CacheCrowd crowd = new CacheCrowd(directory);
    crowd.comesByRoutes();
    try (RealRedis one = RealRedis.start()) {
      String node = "nodes = [ \"127.0.0.1:%d a\" ]".formatted(one.port());
      crowd.start(node + ";" + node);
      crowd.run(
          random -> {
            switch (random.nextInt(6)) {
              case 0 -> CacheCrowd.killListening(one);
              case 1 -> crowd.flush(random.nextInt(2));
              default -> {}
            }
          });
    }
  }

  private void whileServersAndConnectionsFail(CacheCrowd crowd) throws Exception {
    whileServersAndConnectionsFail(crowd, "");
  }

  /** Between the two nodes is this: nothing, if both are of one pool. */
  private void whileServersAndConnectionsFail(CacheCrowd crowd, String between) throws Exception {
    int port = FreePorts.next();
    AtomicReference<RealRedis> redis = new AtomicReference<>(RealRedis.startAt(port));
    try (RealRedis other = RealRedis.start();
        FaultyLink link = FaultyLink.to(port)) {
      String both =
          between.isEmpty()
              ? "nodes = [ \"127.0.0.1:%d a\", \"127.0.0.1:%d b\" ]"
              : "nodes = [ \"127.0.0.1:%d a\" ]" + between + "nodes = [ \"127.0.0.1:%d b\" ]";
      String nodes = both.formatted(link.port(), other.port());
      crowd.start(nodes);
      crowd.run(
          random -> {
            switch (random.nextInt(12)) {
              case 0, 1, 2 -> CacheCrowd.killListening(other);
              case 3 -> crowd.flush(random.nextInt(2));
              case 4 -> flushDirectly(other);
              case 5 -> {
                other.freeze();
                Thread.sleep(50 + random.nextInt(1200));
                other.thaw();
              }
              case 6 -> {
                redis.get().close();
                redis.set(RealRedis.startAt(port));
              }
              case 7, 8 -> link.drop(FaultyLink.End.RST);
              case 9 -> {
                String size = "cache.max-value = " + (1024 + random.nextInt(1000));
                crowd.reload(random.nextInt(2), nodes, size);
              }
              default -> {}
            }
          });
    } finally {
      redis.get().close();
    }
  }

  @Test
  void nobodyGoesBackWhileSlotsMoveAndPrimariesChange() throws Exception {
    try (RealCluster cluster = RealCluster.start(2, 1)) {
      CacheCrowd crowd = new CacheCrowd(directory);
      crowd.start("cluster.seeds = [ \"" + cluster.server(0).address() + "\" ]");
      crowd.run(
          random -> {
            switch (random.nextInt(4)) {
              case 0 -> CacheCrowd.killListening(cluster.server(random.nextInt(2)));
              case 1 -> {
                int slot = RealCluster.slotOf(CacheCrowd.someKey(random));
                RealRedis from = cluster.ownerOf(slot, cluster.server(0));
                RealRedis to =
                    cluster.ownerOf(slot == 0 ? RealCluster.SLOTS - 1 : 0, cluster.server(0));
                if (from != null && to != null && from != to) {
                  cluster.move(slot, from, to);
                }
              }
              default -> {}
            }
          });
    }
  }
}
