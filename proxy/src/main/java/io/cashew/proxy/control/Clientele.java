package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.route.JoinedRoutes;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All whose requests go to the servers of one pool on one worker: the clients of the pool, and
 * those of pools whose routes lead to it, which <em>follow</em> it. They use the same connections;
 * whatever becomes of these, all of them are told. Confined to the worker, but for its making.
 */
final class Clientele {
  private final ClientPool own;
  private final Router router;

  /** Those of pools whose routes lead here. */
  private final List<Clientele> followers = new ArrayList<>();

  /** Where the routes of this pool lead, in the order of {@link PoolRoutes#pools()}. */
  private List<Clientele> targets = List.of();

  /** By which this pool routes; null: by a topology of its own. */
  private @Nullable JoinedRoutes joined;

  private ServerFacts facts = ServerFacts.UNKNOWN;

  /**
   * Nobody follows, and nobody is followed.
   *
   * @param own the clients of the pool
   * @param router of the pool
   */
  Clientele(ClientPool own, Router router) {
    this.own = own;
    this.router = router;
    own.whenSlotsAreLearnt(this::slotsAreLearnt);
  }

  // ---------------------------------------------------------------- a pool with routes

  /** Has its requests go to other pools from now on; those that are under way stay theirs. */
  void follow(PoolRoutes routes, List<Clientele> pools) {
    if (joined != null && joined.routes().equals(routes) && targets.equals(pools)) {
      return;
    }
    List<Backend> before = router.backends();
    targets.forEach(target -> target.followers.remove(this));
    targets = List.copyOf(pools);
    targets.forEach(target -> target.followers.add(this));
    joined = new JoinedRoutes(routes, targets.stream().map(target -> target.router).toList());
    tableChanged();
    factsChanged();
    own.nodesChanged();
    before.stream().filter(each -> !router.backends().contains(each)).forEach(own::forget);
  }

  /** Follows nobody any more: the pool closes, and its clients have been closed. */
  void followNobody() {
    targets.forEach(target -> target.followers.remove(this));
    targets = List.of();
    if (joined != null) {
      router.backends().forEach(own::forget);
    }
  }

  private void factsChanged() {
    own.install(
        ServerFacts.leastOf(
            targets.stream()
                .map(target -> target.facts)
                .filter(each -> !each.equals(ServerFacts.UNKNOWN))
                .toList()));
  }

  // ---------------------------------------------------------------- what becomes of the servers

  private Stream<ClientPool> all() {
    return Stream.concat(Stream.of(own), followers.stream().map(follower -> follower.own));
  }

  /** The servers have this in common from now on. */
  void install(ServerFacts common) {
    facts = common;
    if (joined == null) {
      own.install(common);
    }
    followers.forEach(Clientele::factsChanged);
  }

  /** The router has another table: those of all that follow are made anew. */
  void tableChanged() {
    JoinedRoutes by = joined;
    if (by != null) {
      by.installIn(router);
      own.leadsTo(targets.stream().map(target -> target.own).toList());
    }
    followers.forEach(Clientele::tableChanged);
  }

  /** Servers have said that slots are elsewhere: what is under way may be at the former ones. */
  private void slotsAreLearnt() {
    for (Clientele follower : followers) {
      JoinedRoutes by = follower.joined;
      if (by != null) {
        by.slotsAreLearntBy(follower.router);
      }
    }
    all().forEach(ClientPool::unsettle);
  }

  /** Keys belong elsewhere, to servers that are in use. */
  void routesChanged() {
    all().forEach(ClientPool::routesChanged);
  }

  /** Requests may take other connections; see {@link ClientPool#nodesChanged}. */
  void nodesChanged() {
    all().forEach(ClientPool::nodesChanged);
  }

  /** What was prepared is installed; see {@link ClientPool#preparedIsInstalled}. */
  void preparedIsInstalled() {
    all().forEach(ClientPool::preparedIsInstalled);
  }

  /**
   * Connects what clients need at servers that are soon to be used; see {@link ClientPool#prepare}.
   *
   * @param topology of the pool by then
   */
  void prepare(
      List<Backend> added, List<Backend> soonHeard, List<Backend> soon, Topology topology) {
    Function<byte[], Backend> nodeSoon = channel -> soon.get(topology.shardForChannel(channel));
    if (joined == null) {
      own.prepare(added, soonHeard, nodeSoon);
    }
    followers.forEach(
        each ->
            each.own.prepare(
                added,
                soonHeard,
                channel ->
                    each.leadsTo(this, channel) ? nodeSoon.apply(channel) : each.at(channel)));
  }

  private boolean leadsTo(Clientele pool, byte[] channel) {
    JoinedRoutes by = joined;
    return by != null
        && targets.get(
                by.routes().ofUsers().get(PoolRoutes.EVERYBODY).poolOf(channel, 0, channel.length))
            == pool;
  }

  private Backend at(byte[] channel) {
    return router.backends().get(router.nodeForChannel(channel));
  }

  /** Whether what {@link #prepare} has begun is done, as far as nodes answer. */
  boolean prepared() {
    return all().allMatch(ClientPool::prepared);
  }

  /** A backend is replaced by another of the same server: called before {@link #nodesChanged}. */
  void handOver(Backend from, Backend to) {
    all().forEach(each -> each.handOver(from, to));
  }

  /** A node is no more; its connections have ended, but for those that listen. */
  void forget(Backend backend) {
    all().forEach(each -> each.forget(backend));
  }
}
