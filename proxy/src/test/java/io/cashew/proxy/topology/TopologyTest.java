package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.hashing.distribution.SlotRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Topologies as values, and the sources that they come from. */
final class TopologyTest {
  private static final ServerId A = new ServerId("a:6379", 1);
  private static final ServerId B = new ServerId("b:6379", 2);
  private static final ServerId REPLICA = new ServerId("c:6379", 3);

  private static Topology twoShards() {
    int[] owners = new int[SlotRange.SLOTS];
    Arrays.setAll(owners, slot -> slot % 2);
    return Topology.of(
        List.of(Shard.of("alpha", 1, A), new Shard("beta", 1, B, List.of(REPLICA))),
        new SlotPlacement(owners),
        Traits.ofStores(1));
  }

  @Test
  void oneAddressMayHaveSeveralIncarnations() {
    assertEquals(A, new ServerId("a:6379", 1));
    assertNotEquals(A, new ServerId("a:6379", 2));
    assertEquals("a:6379#1", A.toString());
  }

  @Test
  void serversArePrimariesAndThenReplicas() {
    assertEquals(List.of(A, B, REPLICA), List.copyOf(twoShards().servers()));
  }

  @Test
  void aKeyHasTheShardOfItsSlotAndAChannelThatOfItsReader() {
    Topology topology = twoShards();
    byte[] name = "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertEquals(1, topology.shardFor(name));
    assertEquals(1, topology.shardForChannel(name));
    Copies same = new Copies(true, List.of(0, 0), List.of(0), List.of(0, 1));
    assertEquals(0, topology.with(same).shardForChannel(name));
  }

  @Test
  void whatItIsMadeOfCannotBeChanged() {
    List<Shard> shards = new ArrayList<>(List.of(Shard.of("alpha", 1, A)));
    Topology topology = Topology.of(shards, twoShards().placement(), Traits.ofStores(1));
    shards.clear();
    assertEquals(1, topology.shards().size());
    assertEquals(Set.of(), topology.ejected());
    assertThrows(
        IllegalArgumentException.class,
        () -> Topology.of(List.of(), topology.placement(), topology.traits()));
  }
}
