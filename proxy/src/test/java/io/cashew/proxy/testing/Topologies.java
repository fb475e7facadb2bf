package io.cashew.proxy.testing;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.proxy.topology.RingPlacement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Topologies for tests. */
public final class Topologies {
  private static final Optional<HashTag> TAG = Optional.of(HashTag.of("{}"));

  private Topologies() {}

  /** Shards of these names with a server of that address each; a key's is its crc16 modulo. */
  public static Topology modula(String... names) {
    return modula(List.of(names));
  }

  /** Shards of these names, at these addresses; a slot is that of its number modulo. */
  public static Topology slots(List<String> names, List<String> addresses) {
    List<Shard> shards =
        IntStream.range(0, names.size())
            .mapToObj(i -> Shard.of(names.get(i), 1, new ServerId(addresses.get(i), i)))
            .toList();
    int[] shardOfSlot =
        IntStream.range(0, SlotRange.SLOTS).map(slot -> slot % names.size()).toArray();
    return Topology.of(shards, new SlotPlacement(shardOfSlot), Traits.ofStores(1));
  }

  /** The same with a slot at another shard, or at its own, which claims it anew. */
  public static Topology withSlot(Topology of, int slot, int shard) {
    int[] shardOfSlot =
        IntStream.range(0, SlotRange.SLOTS)
            .map(each -> each == slot ? shard : of.placement().shardOf(each))
            .toArray();
    SlotPlacement before = (SlotPlacement) of.placement();
    long[] claims =
        IntStream.range(0, SlotRange.SLOTS)
            .mapToLong(each -> before.claimOf(each) + (each == slot ? 1 : 0))
            .toArray();
    return Topology.of(of.shards(), new SlotPlacement(shardOfSlot, claims), of.traits());
  }

  /** The same with all slots of a shard at another. */
  public static Topology withSlotsOf(Topology of, int from, int to) {
    int[] shardOfSlot =
        IntStream.range(0, SlotRange.SLOTS)
            .map(each -> of.placement().shardOf(each))
            .map(shard -> shard == from ? to : shard)
            .toArray();
    return Topology.of(of.shards(), new SlotPlacement(shardOfSlot), of.traits());
  }

  /** As above. */
  public static Topology modula(List<String> names) {
    List<Shard> shards =
        IntStream.range(0, names.size())
            .mapToObj(i -> Shard.of(names.get(i), 1, new ServerId(names.get(i), i)))
            .toList();
    RingPlacement placement =
        new RingPlacement(
            ejected -> {
              List<Member> members =
                  IntStream.range(0, names.size())
                      .filter(i -> !ejected.contains(i))
                      .mapToObj(i -> new Member(i, names.get(i), 1, List.of()))
                      .toList();
              return new KeyMapper(
                  HashFunctions.byName("crc16"),
                  TAG,
                  Distributions.byName("modula").create(members, DistributionOptions.DEFAULT),
                  members.size());
            },
            TAG);
    return Topology.of(shards, placement, Traits.ofStores(16));
  }
}
