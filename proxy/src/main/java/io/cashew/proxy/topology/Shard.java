package io.cashew.proxy.topology;

import java.util.List;

/**
 * What owns keys. Configuration and metrics call it a node. Immutable.
 *
 * @param name that is hashed; unique in its topology
 * @param weight share of the keys; at least 1
 * @param primary takes its writes
 * @param replicas servers that are to have copies of it, whether they are well or not; in no order
 *     that means anything
 */
public record Shard(String name, int weight, ServerId primary, List<ServerId> replicas) {
  public Shard {
    replicas = List.copyOf(replicas);
  }

  /** A shard of one server. */
  public static Shard of(String name, int weight, ServerId primary) {
    return new Shard(name, weight, primary, List.of());
  }
}
