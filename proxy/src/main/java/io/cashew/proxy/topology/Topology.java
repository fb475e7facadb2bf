package io.cashew.proxy.topology;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who owns which keys at one moment: all that routing needs to know. Immutable. Whatever changes
 * makes another one: a {@link TopologySource}, an {@link Ejection}, servers that turn out to be
 * one.
 *
 * @param version counts the topologies of a pool as they are published, from 1; 0: it was not
 * @param shards in the order of the configuration, those that are ejected included
 * @param placement where keys belong now; ejected shards own none
 * @param ejected indexes of the shards that are out
 * @param copies which shards hold the same data
 * @param traits what is so whoever the shards are
 */
public record Topology(
    long version,
    List<Shard> shards,
    Placement placement,
    Set<Integer> ejected,
    Copies copies,
    Traits traits) {

  /**
   * Checks and copies the values.
   *
   * @throws IllegalArgumentException if there is no shard for keys that belong somewhere
   */
  public Topology {
    if (shards.isEmpty() && placement != Placement.NOWHERE) {
      throw new IllegalArgumentException("a topology needs at least one shard");
    }
    shards = List.copyOf(shards);
    ejected = Set.copyOf(ejected);
  }

  /** As a source knows it: nobody is ejected, and every shard holds data of its own. */
  public static Topology of(List<Shard> shards, Placement placement, Traits traits) {
    return new Topology(0, shards, placement, Set.of(), Copies.none(shards.size()), traits);
  }

  /** The same under the number by which it is published. */
  public Topology numbered(long newVersion) {
    return new Topology(newVersion, shards, placement, ejected, copies, traits);
  }

  /** The same with what is known now of shards that hold the same data. */
  public Topology with(Copies newCopies) {
    return new Topology(version, shards, placement, ejected, newCopies, traits);
  }

  /**
   * The same with other servers as primaries.
   *
   * @param primaries one for each shard, in the order of the shards
   */
  public Topology withPrimaries(List<ServerId> primaries) {
    List<Shard> others = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      others.add(new Shard(shard.name(), shard.weight(), primaries.get(i), shard.replicas()));
    }
    return new Topology(version, others, placement, ejected, copies, traits);
  }

  /**
   * The same with other servers.
   *
   * @param primaries one for each shard, in the order of the shards
   * @param replicas those of each shard, in the same order
   */
  public Topology withServers(List<ServerId> primaries, List<List<ServerId>> replicas) {
    List<Shard> others = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      others.add(new Shard(shard.name(), shard.weight(), primaries.get(i), replicas.get(i)));
    }
    return new Topology(version, others, placement, ejected, copies, traits);
  }

  /** The same while other shards than before are out. */
  Topology ejecting(Set<Integer> out) {
    return out.equals(ejected)
        ? this
        : new Topology(version, shards, placement.without(out), out, copies, traits);
  }

  /** Every server of it, each once: primaries in the order of their shards, then replicas. */
  public Set<ServerId> servers() {
    Set<ServerId> servers = new LinkedHashSet<>();
    shards.forEach(shard -> servers.add(shard.primary()));
    shards.forEach(shard -> servers.addAll(shard.replicas()));
    return servers;
  }

  /** The replicas of all shards, in the order of the shards. */
  public List<ServerId> replicas() {
    return shards.stream().flatMap(shard -> shard.replicas().stream()).toList();
  }

  /** The shard of a key: an index into {@link #shards()}. */
  public int shardFor(byte[] key) {
    return placement.shardOf(placement.groupOf(key, 0, key.length));
  }

  /** The shard on which a channel is published and listened to. */
  public int shardForChannel(byte[] channel) {
    return copies.readerOf(shardFor(channel));
  }
}
