package io.cashew.proxy.topology;

import java.util.Map;

/**
 * What is so of a topology whoever its shards are.
 *
 * @param publishReach whom a message reaches
 * @param databases that clients may choose from, at least 1
 * @param allHoldTheSame whether every shard is to hold the same data, so that any will do for a key
 * @param ejects whether a shard that is down loses its keys to the others
 * @param asksReplicasForReads whether a replica answers reads only on connections that have said
 *     {@code READONLY}, as those of a Cluster do
 * @param maxEjected largest share of the shards that may be ejected at once, 0 to 1; the last shard
 *     never is
 * @param elsewhere where servers are reached that tell other addresses of each other, behind a
 *     translation of addresses: {@code told → reached}
 */
public record Traits(
    PublishReach publishReach,
    int databases,
    boolean allHoldTheSame,
    boolean asksReplicasForReads,
    boolean ejects,
    double maxEjected,
    Map<String, String> elsewhere) {
  /** Copies the addresses. */
  public Traits {
    elsewhere = Map.copyOf(elsewhere);
  }

  /** Of shards with data of their own, none of which is ejected. */
  public static Traits ofStores(int databases) {
    return new Traits(PublishReach.SERVER, databases, false, false, false, 0, Map.of());
  }
}
