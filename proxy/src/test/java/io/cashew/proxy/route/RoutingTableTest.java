package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.PublishReach;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
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
  void aRedirectionBehindATranslationOfAddressesLeadsToWhereTheServerIsReached() {
    Traits traits =
        new Traits(PublishReach.CLUSTER, 1, false, true, false, 0, Map.of("inside:1", "beta"));
    Topology translated = Topology.of(topology.shards(), topology.placement(), traits);
    RoutingTable table = new RoutingTable(translated, servers);
    assertEquals(beta, table.at(alpha.node(), movedTo("inside:1")));
    assertEquals(alpha, table.at(alpha.node(), movedTo("alpha")));
    assertNull(table.at(alpha.node(), movedTo("inside:2")));
    assertNull(new RoutingTable(topology, servers).at(alpha.node(), movedTo("inside:1")));
  }

  /** Three primaries, of which the first becomes a replica; the fourth server was a replica. */
  private final class FourServers {
    final Servers four;
    final Topology before = Topologies.slots(List.of("a", "b", "c"), List.of("a", "b", "c"));
    final RoutingTable then;

    FourServers() {
      Map<ServerId, Backend> byId = new HashMap<>();
      List<String> names = List.of("a", "b", "c", "d");
      for (int i = 0; i < 4; i++) {
        byId.put(
            new ServerId(names.get(i), i),
            worker.backend(new InMemoryServer(worker, names.get(i))));
      }
      four = new Servers(worker.worker(), byId);
      then = new RoutingTable(before, four);
    }

    /** Who takes the place of the first if its slots go to these, by the last digit of each. */
    String inPlaceOfFirst(String newPrimaries) {
      List<String> names = newPrimaries.chars().mapToObj(Character::toString).toList();
      List<Shard> shards = names.stream().distinct().map(this::shard).toList();
      List<String> all = shards.stream().map(Shard::name).toList();
      int[] shardOfSlot = new int[SlotRange.SLOTS];
      for (int slot = 0; slot < shardOfSlot.length; slot++) {
        int at = before.placement().shardOf(slot);
        shardOfSlot[slot] =
            at == 0
                ? all.indexOf(names.get(slot / 3 % names.size()))
                : Math.min(at, all.size() - 1);
      }
      Topology now = Topology.of(shards, new SlotPlacement(shardOfSlot), before.traits());
      Backend first = then.primaries.get(0);
      Backend inPlace = new RoutingTable(now, four).inPlaceOf(first, then, true);
      return inPlace == null ? "" : inPlace.node().name();
    }

    private Shard shard(String name) {
      return Shard.of(name, 1, new ServerId(name, "abcd".indexOf(name)));
    }
  }

  @Test
  void whoTakesThePlaceOfAPrimaryHasWhatNoOtherPrimaryGot() {
    FourServers servers = new FourServers();
    assertEquals("d", servers.inPlaceOfFirst("d"));
    assertEquals("d", servers.inPlaceOfFirst("bdc"), "others have had the request");
    assertEquals("a", servers.inPlaceOfFirst("da"), "it has some of its slots");
    assertEquals("a", servers.inPlaceOfFirst("bc"), "nobody new has any");
  }

  @Test
  void nobodyTakesThePlaceOfOneWithoutSlotsThatIsNoPrimaryAnyMore() {
    FourServers servers = new FourServers();
    Topology emptied = Topologies.withSlotsOf(servers.before, 0, 1);
    RoutingTable then = new RoutingTable(emptied, servers.four);
    Backend first = then.primaries.get(0);
    assertEquals(first, then.inPlaceOf(first, then, false), "it loads");
    assertNull(then.inPlaceOf(first, then, true));
    Topology without =
        Topology.of(
            List.of(emptied.shards().get(1)),
            new SlotPlacement(new int[SlotRange.SLOTS]),
            emptied.traits());
    assertNull(new RoutingTable(without, servers.four).inPlaceOf(first, then, false));
  }

  private static Redirection movedTo(String address) {
    Redirection to = new Redirection();
    byte[] error = ("-MOVED 1 " + address + "\r\n").getBytes(StandardCharsets.US_ASCII);
    assertTrue(to.read(Unpooled.wrappedBuffer(error), 0, error.length, "asked:1"));
    return to;
  }

  @Test
  void thereIsNoTableWithoutAllServers() {
    Topology moved = topology.withPrimaries(List.of(new ServerId("c", 0), new ServerId("c", 1)));
    assertThrows(IllegalStateException.class, () -> new RoutingTable(moved, servers));
  }
}
