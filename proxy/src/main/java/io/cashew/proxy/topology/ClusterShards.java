package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes a topology of what is known of a Redis Cluster: a shard for each primary, named by its
 * address, in the order of the first slot of each. Primaries without slots come behind: slots may
 * be on their way to them, if they say so themselves: others take a former primary for one for a
 * moment, and its keys would count twice. Slots that no server has belong to a shard without a
 * primary, the last.
 */
final class ClusterShards {
  /** The name of the shard of slots that no server has. */
  static final String UNSERVED = "unserved";

  private final List<Shard> shards = new ArrayList<>();
  private final int[] shardOfSlot = new int[SlotRange.SLOTS];

  private ClusterShards() {
    Arrays.fill(shardOfSlot, SlotPlacement.NO_SHARD);
  }

  /**
   * The topology of a map.
   *
   * @param databases that clients may choose from
   * @param elsewhere where servers are reached that tell other addresses
   */
  static Topology of(ClusterMap map, int databases, Map<String, String> elsewhere) {
    ClusterShards made = new ClusterShards();
    made.addPrimaries(map);
    made.addUnserved();
    return Topology.of(
        made.shards,
        new SlotPlacement(made.shardOfSlot, map.claims()),
        new Traits(PublishReach.CLUSTER, databases, false, true, false, 0, elsewhere));
  }

  private void addPrimaries(ClusterMap map) {
    // A server that was made anew has another id at the address of the former.
    Map<String, List<int[]>> slots = new LinkedHashMap<>();
    Map<String, Set<ServerId>> replicas = new LinkedHashMap<>();
    map.primaries()
        .forEach(
            (server, its) -> {
              if (server.hasAddress()) {
                slots.computeIfAbsent(server.address(), at -> new ArrayList<>()).add(its);
                Set<ServerId> copies =
                    replicas.computeIfAbsent(server.address(), at -> new LinkedHashSet<>());
                map.replicasOf(server).forEach(each -> copies.add(id(each.address())));
              }
            });
    slots.forEach(
        (address, its) -> {
          int count = 0;
          for (int[] some : its) {
            for (int slot : some) {
              shardOfSlot[slot] = shards.size();
            }
            count += some.length;
          }
          Set<ServerId> copies = replicas.getOrDefault(address, Set.of());
          copies.remove(id(address));
          shards.add(new Shard(address, count, id(address), List.copyOf(copies)));
        });
    if (!slots.isEmpty()) {
      withoutSlots(map).stream()
          .filter(address -> !slots.containsKey(address))
          .forEach(address -> shards.add(Shard.of(address, 1, id(address))));
    }
  }

  private static ServerId id(String address) {
    return new ServerId(address, 0);
  }

  private static Set<String> withoutSlots(ClusterMap map) {
    Map<String, String> addresses = new TreeMap<>();
    for (ClusterServer server : map.servers()) {
      if (server.isPrimary()
          && server.hasAddress()
          && server.condition() == ClusterServer.Condition.WELL) {
        addresses.put(server.address(), server.id());
      }
    }
    return addresses.keySet();
  }

  private void addUnserved() {
    int count = 0;
    for (int slot = 0; slot < shardOfSlot.length; slot++) {
      if (shardOfSlot[slot] == SlotPlacement.NO_SHARD) {
        shardOfSlot[slot] = shards.size();
        count++;
      }
    }
    if (count > 0) {
      shards.add(Shard.of(UNSERVED, count, ServerId.NOBODY));
    }
  }
}
