package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tables of two Clusters that have a server each of one address, of nodes, and of copies. */
final class JoinedRoutesTest {
  private static final int TICK = 100;

  private final VirtualWorker worker = new VirtualWorker();

  private final Router nodes = router("nodes", Topologies.modula("a", "b"));
  private final Router copies = router("copies", copies());
  private final Router one = router("one", slots());
  private final Router two = router("two", slots());
  private final Router front = router("front", Topologies.modula("none"));
  private final JoinedRoutes routes =
      new JoinedRoutes(
          PoolRoutes.of(
              List.of(
                  new PoolRoutes.One("n:*", "", "nodes"),
                  new PoolRoutes.One("c:*", "", "copies"),
                  new PoolRoutes.One("1:*", "", "one"),
                  new PoolRoutes.One("*", "", "two"))),
          List.of(two, nodes, copies, one));

  JoinedRoutesTest() {
    worker.run(() -> routes.installIn(front));
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private static Topology slots() {
    return Topologies.slots(List.of("x", "y"), List.of("x", "y"));
  }

  private static Topology copies() {
    Topology plain = Topologies.modula("s", "t", "u");
    Placement any =
        new Placement() {
          private int at;

          @Override
          public int groupOf(byte[] bytes, int offset, int length) {
            return at++ % 3;
          }

          @Override
          public int shardOf(int group) {
            return group;
          }

          @Override
          public int groupOfAll(byte[] bytes, int offset, int length) {
            return NO_GROUP;
          }

          @Override
          public Placement without(Set<Integer> ejected) {
            return this;
          }
        };
    return Topology.of(plain.shards(), any, Traits.ofStores(1))
        .with(new Copies(true, List.of(0, 0, 0), List.of(0), List.of(0, 1, 2)));
  }

  private Router router(String pool, Topology topology) {
    Map<ServerId, Backend> servers = new HashMap<>();
    topology
        .servers()
        .forEach(
            id -> {
              InMemoryServer server = new InMemoryServer(worker, id.address());
              Node node = new Node(pool, id.address(), server.address(), 3, (failed, cause) -> {});
              servers.put(id, worker.backend(node, VirtualWorker.SETTINGS));
            });
    return new Router(
        worker.worker(), new PoolRecorder(), new Servers(worker.worker(), servers), topology);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private RoutingTable table() {
    return front.table();
  }

  private static Redirection moved(int slot, String address) {
    Redirection to = new Redirection();
    byte[] error = bytes("-MOVED " + slot + " " + address + "\r\n");
    assertTrue(to.read(Unpooled.wrappedBuffer(error), 0, error.length, "asked:1"));
    return to;
  }

  @Test
  void eachKeyGoesWhereItsPoolSendsIt() {
    for (int i = 0; i < 200; i++) {
      for (Map.Entry<String, Router> each :
          Map.of("n:" + i, nodes, "1:" + i, one, "2:" + i, two).entrySet()) {
        Router own = each.getValue();
        Backend expected = own.backends().get(own.nodeFor(bytes(each.getKey())));
        assertSame(expected, front.backends().get(front.nodeFor(bytes(each.getKey()))));
        assertSame(expected, table().primaryOf(table().groupOf(bytes(each.getKey()))));
      }
    }
  }

  @Test
  void slotsOfTwoClustersAreTwoGroups() {
    int here = table().groupOf(bytes("1:{k}"));
    int there = table().groupOf(bytes("2:{k}"));
    assertEquals(table().slotOf(here), table().slotOf(there));
    assertEquals(one.groupOf(bytes("{k}")), table().slotOf(here));
    assertNotEquals(here, there);
    Set<Integer> groups = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      groups.add(table().groupOf(bytes("n:" + i)));
      groups.add(table().groupOf(bytes("c:" + i)));
    }
    assertEquals(3, groups.size(), "two nodes, and one for all copies");
    assertTrue(groups.stream().allMatch(group -> group >= SlotRange.SLOTS));
  }

  @Test
  void aSlotMovesInTheClusterWhoseServerHasSaidSo() {
    int here = table().groupOf(bytes("1:{k}"));
    int there = table().groupOf(bytes("2:{k}"));
    assertFalse(table().anySlotMoves(TICK));
    table().slotMoves(one.backends().get(0).node(), table().slotOf(here), TICK);
    assertTrue(table().isMoving(here, TICK));
    assertFalse(table().isMoving(there, TICK));
    assertFalse(table().isMoving(table().groupOf(bytes("n:1")), TICK));
    assertTrue(one.table().isMoving(table().slotOf(here), TICK), "its own clients know it, too");
    assertTrue(table().anySlotMoves(TICK));
    table().slotMoves(nodes.backends().get(0).node(), 7, TICK); // what nodes say is no slot's
    assertFalse(table().isMoving(table().groupOf(bytes("n:1")), TICK));
  }

  @Test
  void aRedirectionLeadsToAServerOfThePoolThatSaysSo() {
    Node ofOne = one.backends().get(0).node();
    assertSame(one.backends().get(1), table().at(ofOne, moved(1, "y")));
    assertSame(two.backends().get(1), table().at(two.backends().get(0).node(), moved(1, "y")));
    assertNull(table().at(ofOne, moved(1, "a")), "another pool's server");
    assertTrue(table().slotsMoveAt(ofOne));
    assertFalse(table().slotsMoveAt(nodes.backends().get(0).node()));
  }

  @Test
  void whatIsHeardByRoutesIsLearntByThePool() {
    int slot = one.groupOf(bytes("{k}"));
    Backend from = one.backends().get(slot % 2);
    Backend to = one.backends().get(1 - slot % 2);
    table().learns(slot, from, to);
    worker.run(
        () -> {
          assertTrue(one.learns());
          routes.slotsAreLearntBy(front);
        });
    assertSame(to, front.backends().get(front.nodeFor(bytes("1:{k}"))));
    assertNotEquals(to, front.backends().get(front.nodeFor(bytes("2:{k}"))));
  }

  @Test
  void anyCopyIsAskedAndOneForAllKeysOfARequest() {
    List<Integer> found = new ArrayList<>();
    for (int request = 0; request < 6; request++) {
      front.speaksFor(PoolRoutes.EVERYBODY);
      int node = front.nodeFor(bytes("c:1"));
      assertEquals(node, front.nodeFor(bytes("c:2")));
      assertEquals(front.backends().get(node), front.backendOf(front.groupOf(bytes("c:3"))));
      assertTrue(copies.backends().contains(front.backends().get(node)));
      found.add(node);
    }
    assertEquals(3, new HashSet<>(found).size());
    Backend first = copies.backends().get(0);
    assertTrue(table().anyShardWillDo(first, copies.backends().get(1)));
    assertFalse(table().anyShardWillDo(first, nodes.backends().get(0)));
    assertFalse(table().anyShardWillDo(nodes.backends().get(0), nodes.backends().get(1)));
  }
}
