package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One channel, pattern or shard channel that clients of one worker listen to: who they are, and how
 * things stand at each node. Confined to the worker.
 */
final class Topic {

  /** What the client gets if its slot is nowhere: redirections are nobody's. */
  private static final NodeFailure NOWHERE =
      new NodeFailure(
          FailureKind.CIRCUIT_OPEN,
          Replies.error(
              "CLUSTERDOWN The request was not executed: no server was found in time that has the"
                  + " slot of the channel"));

  /** How things stand at one node. */
  enum AtNode {
    /** Nothing is asked of the node. */
    NONE,
    JOINING,
    LISTENING,
    LEAVING,
    /** The node should send messages and does not; it is asked again when it can be. */
    LOST
  }

  /** Whether a client that wants to listen may be told that it does. */
  enum Verdict {
    YES,
    NOT_YET,
    NO
  }

  final Subscription subscription;
  final Audience audience;
  final Set<Client> clients = new LinkedHashSet<>();

  /** Requests that have not ended and want this to stay. */
  final Set<SubscriptionRequest> joining = new LinkedHashSet<>();

  /** Requests that wait for the node to have forgotten this. */
  final Set<SubscriptionRequest> leaving = new LinkedHashSet<>();

  private final Map<Backend, AtNode> nodes = new LinkedHashMap<>();
  private final Map<Backend, NodeFailure> failures = new LinkedHashMap<>();

  /**
   * Until when the nodes that nothing is published on by PUBLISH are waited for; 0: not yet set.
   */
  long patientUntilMillis;

  /**
   * Until when it is waited for that a slot is known to be elsewhere, or that its server takes the
   * subscription; 0: none has refused it.
   */
  long movesUntilMillis;

  /** See {@link #homeIs}. */
  private Backend home;

  /** While another server of the Cluster is listened to in place of one; null: none is. */
  private @Nullable TwoCopies copies;

  private final ClusterBuses buses;

  Topic(Subscription subscription, Audience audience, Backend home, ClusterBuses buses) {
    this.buses = buses;
    this.subscription = subscription;
    this.audience = audience;
    this.home = home;
  }

  /** Whether nobody wants this any more. */
  boolean isDeserted() {
    return clients.isEmpty() && joining.isEmpty();
  }

  /** Whether messages may come from {@code node}. */
  boolean isAt(Backend node) {
    return buses.listensAt(node, subscription, home);
  }

  AtNode at(Backend node) {
    return nodes.getOrDefault(node, AtNode.NONE);
  }

  void set(Backend node, AtNode now) {
    nodes.put(node, now);
    failures.remove(node);
    if (now == AtNode.LISTENING) {
      movesUntilMillis = 0;
      if (copies != null && copies.areOfNext(node)) {
        copies.begin();
      }
    }
  }

  /** A node is another one to the proxy, and what it was told stays. */
  void move(Backend from, Backend to) {
    AtNode state = nodes.remove(from);
    NodeFailure failure = failures.remove(from);
    if (state != null) {
      nodes.put(to, state);
    }
    if (failure != null) {
      failures.put(to, failure);
    }
    audience.move(from.node(), to.node());
    home = home == from ? to : home;
    if (copies != null) {
      copies.move(from, to);
    }
  }

  /** See {@link #homeIs}. */
  Backend home() {
    return home;
  }

  /** The node of the channel's hash, or in a Cluster the one that is listened to, is this now. */
  void homeIs(Backend now, long tickMillis) {
    if (now == home) {
      return;
    }
    home = now;
    if (copies != null && copies.areOfNext(now)) {
      copies.changed(tickMillis);
    } else {
      copies = null;
    }
  }

  /** Another server, which gives the same messages, will be listened to in place of the home. */
  void homeWillBe(Backend soon) {
    if (soon != home && (copies == null || !copies.areOfNext(soon))) {
      copies = new TwoCopies(home, soon);
      if (at(soon) == AtNode.LISTENING) {
        copies.begin();
      }
    }
  }

  /** Whether a message of a node, borrowed, is for who listens: another may give the same. */
  boolean passesOn(Backend node, ByteBuf buf, int index, int length, long tickMillis) {
    TwoCopies both = copies;
    if (both != null && both.areOver(tickMillis)) {
      copies = both = null;
    }
    if (both != null
        && both.areOf(node)
        && !ClusterBus.isOfKeyspace(subscription, buf, index, length)) {
      return both.passOn(node, buf, index, length);
    }
    return node == home
        || subscription.kind() == SubscriptionKind.SHARD_CHANNEL
        || buses.standsFor(node) == node
        || ClusterBus.isOfKeyspace(subscription, buf, index, length);
  }

  /** The node is no more. */
  void forget(Backend node) {
    nodes.remove(node);
    failures.remove(node);
  }

  void lost(Backend node, NodeFailure failure, long tickMillis) {
    nodes.put(node, AtNode.LOST);
    failures.put(node, failure);
    if (movesUntilMillis == 0 && failure.verdict().notExecuted()) {
      movesUntilMillis = tickMillis + node.node().failoverWaitMillis();
    }
  }

  boolean any(AtNode state) {
    return nodes.containsValue(state);
  }

  /**
   * Whether enough nodes listen: of a channel its own node must, and the others are waited for a
   * little; of a pattern all must that can.
   */
  Verdict verdict(long tickMillis, long patienceMillis) {
    if (subscription.kind() == SubscriptionKind.PATTERN) {
      if (any(AtNode.JOINING)) {
        return Verdict.NOT_YET;
      }
      return any(AtNode.LISTENING) ? Verdict.YES : Verdict.NO;
    }
    switch (at(home)) {
      case LOST -> {
        return tickMillis < movesUntilMillis ? Verdict.NOT_YET : Verdict.NO;
      }
      case NONE, JOINING, LEAVING -> {
        return Verdict.NOT_YET;
      }
      case LISTENING -> {
        if (!any(AtNode.JOINING)) {
          return Verdict.YES;
        }
        if (patientUntilMillis == 0) {
          patientUntilMillis = tickMillis + patienceMillis;
        }
        return tickMillis >= patientUntilMillis ? Verdict.YES : Verdict.NOT_YET;
      }
    }
    throw new AssertionError(at(home));
  }

  /** Whether the nodes that matter have forgotten this. */
  boolean forgotten() {
    return subscription.kind() == SubscriptionKind.PATTERN
        ? !any(AtNode.LEAVING)
        : at(home) != AtNode.LEAVING;
  }

  /** Why a client cannot listen. */
  NodeFailure failure() {
    NodeFailure failure =
        subscription.kind() == SubscriptionKind.PATTERN ? null : failures.get(home);
    if (failure == null) {
      failure = failures.values().stream().findFirst().orElse(null);
    }
    if (failure == null) {
      throw new IllegalStateException("no node has failed for " + subscription);
    }
    return switch (failure.verdict()) {
      case MOVED, ASK, TRYAGAIN -> NOWHERE;
      case READONLY, LOADING, MASTERDOWN, CLUSTERDOWN, ANSWER -> failure;
    };
  }
}
