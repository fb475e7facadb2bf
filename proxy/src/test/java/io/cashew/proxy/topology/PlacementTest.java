package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Key to group to shard, by a ring and by slots. */
final class PlacementTest {
  private static final Optional<HashTag> BRACES = Optional.of(HashTag.of("{}"));

  private static RingPlacement ring(Optional<HashTag> tag) {
    return new RingPlacement(
        ejected -> {
          List<Member> members =
              Stream.of(0, 1, 2)
                  .filter(index -> !ejected.contains(index))
                  .map(index -> new Member(index, "n" + index, 1, List.of()))
                  .toList();
          return new KeyMapper(
              HashFunctions.byName("murmur"),
              tag,
              Distributions.byName("ketama").create(members, DistributionOptions.DEFAULT),
              members.size());
        },
        tag);
  }

  /** Slots of even numbers belong to the first shard, the others to the second. */
  private static SlotPlacement slots() {
    int[] owners = new int[SlotRange.SLOTS];
    Arrays.setAll(owners, slot -> slot % 2);
    return new SlotPlacement(owners);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int group(Placement placement, String key) {
    byte[] padded = bytes("##" + key + "#");
    return placement.groupOf(padded, 2, key.length());
  }

  private static int groupOfAll(Placement placement, String prefix) {
    byte[] padded = bytes("#" + prefix + "##");
    return placement.groupOfAll(padded, 1, prefix.length());
  }

  @Test
  void onARingAllKeysOfAShardAreOneGroup() {
    RingPlacement ring = ring(Optional.empty());
    for (int i = 0; i < 100; i++) {
      int group = group(ring, "key" + i);
      assertEquals(group, ring.shardOf(group));
    }
    assertEquals(
        3,
        Stream.iterate(0, i -> i + 1).limit(100).map(i -> group(ring, "k" + i)).distinct().count());
  }

  @Test
  void shardsThatAreOutOwnNoKeysAndTheOthersKeepTheirs() {
    RingPlacement ring = ring(Optional.empty());
    Placement without = ring.without(Set.of(1));
    for (int i = 0; i < 100; i++) {
      int before = group(ring, "key" + i);
      int after = group(without, "key" + i);
      assertEquals(before == 1 ? Set.of(0, 2).contains(after) : after == before, true, "key" + i);
      assertEquals(before, group(without.without(Set.of()), "key" + i));
    }
  }

  @Test
  void keysThatBeginWithATagAreOneGroupWhateverFollows() {
    RingPlacement ring = ring(BRACES);
    assertEquals(group(ring, "{user7}.name"), groupOfAll(ring, "{user7}."));
    assertEquals(group(ring, "user7"), groupOfAll(ring, "{user7}"));
    assertEquals(Placement.NO_GROUP, groupOfAll(ring, "user7"));
    assertEquals(Placement.NO_GROUP, groupOfAll(ring, "{user7"));
    assertEquals(Placement.NO_GROUP, groupOfAll(ring(Optional.empty()), "{user7}."));
  }

  @Test
  void inAClusterASlotIsAGroup() {
    SlotPlacement slots = slots();
    assertEquals(12739, group(slots, "123456789")); // the example of the Cluster's specification
    assertEquals(1, slots.shardOf(12739));
    assertEquals(0, slots.shardOf(12738));
    assertEquals(group(slots, "foo"), group(slots, "{foo}bar"));
    assertEquals(group(slots, "foo"), groupOfAll(slots, "{foo}"));
    assertEquals(Placement.NO_GROUP, groupOfAll(slots, "foo"));
    assertSame(slots, slots.without(Set.of(0)), "whose slots they are is what the servers say");
  }

  @Test
  void slotsAreCopiedAndComplete() {
    int[] owners = new int[SlotRange.SLOTS];
    SlotPlacement slots = new SlotPlacement(owners);
    owners[5] = 1;
    assertEquals(0, slots.shardOf(5));
    assertThrows(IllegalArgumentException.class, () -> new SlotPlacement(new int[100]));
  }
}
