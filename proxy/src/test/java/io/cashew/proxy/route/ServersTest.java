package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker's side of the servers of a pool. */
final class ServersTest {
  private static final ServerId ALPHA = new ServerId("alpha", 0);
  private static final ServerId BETA = new ServerId("beta", 1);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final Backend ofAlpha = backend(alpha);
  private final Backend ofBeta = backend(beta);
  private final Topology topology = Topologies.modula("alpha", "beta");
  private final Servers servers = new Servers(worker.worker(), Map.of(ALPHA, ofAlpha));

  @AfterEach
  void stop() {
    worker.close();
  }

  private Backend backend(InMemoryServer server) {
    return worker.unheard(
        new Node("test", server.name(), server.address(), 3, (node, cause) -> {}));
  }

  @Test
  void thoseOfTheStartConnectWhenTheyAreNeededOrBefore() {
    worker.run(() -> servers.begin(false));
    assertEquals(0, alpha.connections());
    worker.run(() -> servers.begin(true));
    assertEquals(1, alpha.connections());
  }

  @Test
  void oneThatIsPreparedConnectsAtOnceAndIsFoundByItsId() {
    worker.run(() -> servers.prepare(Map.of(BETA, ofBeta)));
    assertEquals(1, beta.connections());
    assertSame(ofBeta, servers.find(BETA));
    assertEquals(List.of(ofBeta, ofAlpha), servers.of(List.of(BETA, ALPHA)));
    assertEquals(List.of(ofAlpha, ofBeta), servers.primariesOf(topology));
  }

  @Test
  void aTopologyOfServersThatAreNotPreparedIsADefect() {
    IllegalStateException defect =
        assertThrows(IllegalStateException.class, () -> servers.primariesOf(topology));
    assertEquals("no backend for beta#1, the primary of 'beta'", defect.getMessage());
  }

  @Test
  void oneThatIsRemovedHasNoConnections() {
    worker.run(() -> servers.prepare(Map.of(BETA, ofBeta)));
    worker.run(() -> servers.remove(List.of(BETA)));
    assertNull(servers.find(BETA));
    assertEquals(List.of(), servers.of(List.of(BETA)));
    worker.run(() -> ofBeta.preconnect());
    assertEquals(1, beta.connections());
  }

  @Test
  void nothingIsPreparedAfterTheEnd() {
    worker.run(servers::close);
    worker.run(() -> servers.prepare(Map.of(BETA, ofBeta)));
    assertEquals(0, beta.connections());
    assertNull(servers.find(BETA));
  }
}
