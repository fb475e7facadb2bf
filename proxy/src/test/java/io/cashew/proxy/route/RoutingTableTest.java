package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A topology with a worker's side of its servers. */
final class RoutingTableTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final Backend alpha = worker.backend(new InMemoryServer(worker, "alpha"));
  private final Backend beta = worker.backend(new InMemoryServer(worker, "beta"));
  private final Topology topology = Topologies.modula("alpha", "beta");
  private final Servers servers =
      new Servers(
          worker.worker(), Map.of(new ServerId("alpha", 0), alpha, new ServerId("beta", 1), beta));

  @AfterEach
  void stop() {
    worker.close();
  }

  @Test
  void aKeyBelongsToTheShardThatTheTopologySays() {
    RoutingTable table = new RoutingTable(topology, servers);
    for (int i = 0; i < 100; i++) {
      byte[] key = ("k" + i).getBytes(StandardCharsets.US_ASCII);
      assertEquals(topology.shardFor(key), table.shardFor(key, key.length));
    }
    assertEquals(List.of(alpha, beta), table.primaries);
    assertEquals(List.of(alpha, beta), table.readers);
    assertEquals(List.of(alpha, beta), table.servers);
  }

  @Test
  void ofShardsWithTheSameDataTheReaderIsAskedAndOfOneServerOneIsTold() {
    Copies oneServer = new Copies(false, List.of(0, 0), List.of(1), List.of(1));
    RoutingTable table = new RoutingTable(topology.with(oneServer), servers);
    assertEquals(List.of(beta), table.readers);
    assertEquals(List.of(beta), table.servers);
    assertEquals(1, table.readerOf(0));
    assertEquals(1, table.readerOf(1));
  }

  @Test
  void aShardWithAnotherServerHasThatOnesBackend() {
    ServerId other = new ServerId("beta", 1);
    Topology moved = topology.withPrimaries(List.of(other, new ServerId("alpha", 0)));
    assertEquals(List.of(beta, alpha), new RoutingTable(moved, servers).primaries);
  }

  @Test
  void thereIsNoTableWithoutAllServers() {
    Topology moved = topology.withPrimaries(List.of(new ServerId("c", 0), new ServerId("c", 1)));
    assertThrows(IllegalStateException.class, () -> new RoutingTable(moved, servers));
  }
}
