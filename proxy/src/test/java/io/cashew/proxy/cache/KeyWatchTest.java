package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RuleRecorders;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.Unpooled;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When what is kept of a request's keys ends: no server says anything of it here. */
@ExtendWith(LeakCheck.class)
final class KeyWatchTest {
  private static final int STRIPE = 3;
  private static final NodeFailure FAILURE = NodeFailure.of(FailureKind.CLOSED, "it has ended");

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker, "alpha");
  private final Topology topology = Topologies.modula("alpha");
  private final NearCache cache =
      new NearCache("test", CacheRules.NONE, 1 << 20, 1 << 10, 10, 1, topology);
  private final CachePart part =
      new CachePart(
          cache,
          worker.worker(),
          new Router(
              worker.worker(),
              new PoolRecorder(),
              new Servers(
                  worker.worker(), Map.of(new ServerId("alpha", 0), worker.backend(server))),
              topology),
          new RuleRecorders());
  private final Seat seat = new Seat();

  @AfterEach
  void stop() {
    cache.close();
    worker.close();
  }

  private KeyWatch begin(boolean writes) {
    KeyWatch watch = part.watch();
    watch.add(STRIPE, 1);
    watch.begin(seat, false, writes);
    return watch;
  }

  /** Rises each time that something of the key ends. */
  private long ends() {
    return cache.versions().now(STRIPE) >>> Versions.CLAIM_BITS;
  }

  private static void reply(KeyWatch watch) {
    watch.onReply(Unpooled.EMPTY_BUFFER, 0, 0, true);
  }

  @Test
  void aWriteEndsWhatIsKeptWhenItIsSentAndWhenItIsAnswered() {
    long before = ends();
    KeyWatch write = begin(true);
    long sent = ends();
    assertEquals(before + 1, sent);
    reply(write);
    assertEquals(sent + 1, ends());
  }

  @Test
  void aWriteThatFailsEndsItToo() {
    KeyWatch write = begin(true);
    long sent = ends();
    write.onNoReply(FAILURE);
    assertEquals(sent + 1, ends());
  }

  @Test
  void aReadEndsItWhenItIsAnsweredAndNotWhenItIsNot() {
    long before = ends();
    KeyWatch read = begin(false);
    assertEquals(before, ends());
    reply(read);
    assertEquals(before + 1, ends());
    begin(false).onNoReply(FAILURE);
    assertEquals(before + 1, ends());
  }
}
