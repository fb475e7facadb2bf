package io.cashew.proxy.control;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.SentinelSettings;
import io.cashew.proxy.topology.AddressList;
import io.cashew.proxy.topology.Asking;
import io.cashew.proxy.topology.ClusterSource;
import io.cashew.proxy.topology.FollowedShards;
import io.cashew.proxy.topology.PrimaryWatch;
import io.cashew.proxy.topology.SentinelMaster;
import io.cashew.proxy.topology.Shard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where it is learnt who the primary of a node is, as a pool's settings say at the moment. Confined
 * to the control thread.
 *
 * @param sentinels asks them, and servers
 * @param wanted what the pool is to be
 */
record Origins(SentinelGroups sentinels, ScheduledExecutorService control, Supplier<Wanted> wanted)
    implements Function<Shard, Optional<FollowedShards.Origin>> {

  @Override
  public Optional<FollowedShards.Origin> apply(Shard shard) {
    Wanted now = wanted.get();
    return now.settings().nodes().stream()
        .filter(node -> node.name().equals(shard.name()))
        .findFirst()
        .flatMap(node -> of(node, now));
  }

  private Optional<FollowedShards.Origin> of(NodeSettings node, Wanted now) {
    if (node.place() instanceof NodePlace.At) {
      return Optional.empty();
    }
    PoolSettings pool = now.settings();
    boolean asksSentinels = node.place() instanceof NodePlace.OfMaster;
    return Optional.of(
        new Learnt(
            "node '" + node.name() + "' of pool '" + pool.name() + "'",
            node.place(),
            asksSentinels ? Optional.of(pool.sentinel()) : Optional.empty(),
            pool.auth().nodeAuth(),
            now.certificates().ofNodes(),
            pool.tls().nodes().flatMap(NodeTls::serverName),
            this));
  }

  /** Where the Cluster is found that a pool's servers form. */
  ClusterSource.Origin cluster() {
    Wanted now = wanted.get();
    PoolSettings pool = now.settings();
    Map<String, String> elsewhere = new HashMap<>();
    pool.cluster()
        .elsewhere()
        .forEach((told, reached) -> elsewhere.put(told.text(), reached.text()));
    return new OfCluster(
        pool.cluster().seeds().stream().map(Address::text).toList(),
        Map.copyOf(elsewhere),
        pool.cluster().refreshMillis(),
        pool.auth().nodeAuth(),
        now.certificates().ofNodes(),
        pool.tls().nodes().flatMap(NodeTls::serverName),
        sentinels);
  }

  private static Asking asking(
      SentinelGroups from,
      Optional<NodeAuth> auth,
      @Nullable WatchedTls tls,
      Optional<String> serverName) {
    return from.asking(
        auth.flatMap(NodeAuth::username),
        auth.map(login -> login.password().value()),
        tls,
        serverName);
  }

  private record OfCluster(
      List<String> seeds,
      Map<String, String> elsewhere,
      long refreshMillis,
      Optional<NodeAuth> auth,
      @Nullable WatchedTls tls,
      Optional<String> serverName,
      SentinelGroups from)
      implements ClusterSource.Origin {

    @Override
    public Asking asking() {
      return Origins.asking(from, auth, tls, serverName);
    }
  }

  /**
   * Of one node; what is equal is learnt in the same way.
   *
   * @param tls of the servers; null: they speak none
   * @param serverName that their certificates must have
   */
  private record Learnt(
      String node,
      NodePlace place,
      Optional<SentinelSettings> sentinel,
      Optional<NodeAuth> auth,
      @Nullable WatchedTls tls,
      Optional<String> serverName,
      Origins of)
      implements FollowedShards.Origin {

    @Override
    public PrimaryWatch watch() {
      Asking servers = asking(of.sentinels, auth, tls, serverName);
      if (place instanceof NodePlace.OfMaster master && sentinel.isPresent()) {
        return new SentinelMaster(
            node, master.master(), of.sentinels.of(sentinel.get()), servers, of.control);
      }
      return new AddressList(
          node, place.addresses().stream().map(Address::text).toList(), servers, of.control);
    }
  }
}
