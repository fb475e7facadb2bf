package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import java.util.List;

/**
 * What a pool is to be: a file says the settings, its source the topology. Immutable.
 *
 * @param settings all of the pool
 * @param certificates that the settings ask for
 * @param generation counts settings by which connections to nodes are made anew
 * @param topology as the source has published it: with the source's ids of servers, nobody ejected
 * @param maintenance which nodes an operator has taken out
 */
record Wanted(
    PoolSettings settings,
    PoolCertificates certificates,
    long generation,
    Topology topology,
    Maintenance maintenance) {

  /** Every node is in use. */
  Wanted(PoolSettings settings, PoolCertificates certificates, long generation, Topology topology) {
    this(settings, certificates, generation, topology, Maintenance.NONE);
  }

  Wanted with(Topology other) {
    return new Wanted(settings, certificates, generation, other, maintenance);
  }

  Wanted with(Maintenance other) {
    return new Wanted(settings, certificates, generation, topology, other);
  }

  /** Whether requests of clients go where they would go in another, as far as servers are equal. */
  boolean routesAs(Wanted other) {
    return spreadsKeysAs(other) && settings.reads().equals(other.settings.reads());
  }

  /** Whether keys belong to shards of the same names and weights as in another. */
  boolean spreadsKeysAs(Wanted other) {
    return topology.placement().equals(other.topology.placement())
        && sameButForServers(topology.shards(), other.topology.shards());
  }

  private static boolean sameButForServers(List<Shard> some, List<Shard> others) {
    return names(some).equals(names(others));
  }

  private static List<Shard> names(List<Shard> of) {
    ServerId nowhere = new ServerId("", 0);
    return of.stream().map(shard -> Shard.of(shard.name(), shard.weight(), nowhere)).toList();
  }
}
