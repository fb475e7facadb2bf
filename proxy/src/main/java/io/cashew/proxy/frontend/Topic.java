package io.cashew.proxy.frontend;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One channel, pattern or shard channel that clients of one worker listen to: who they are, and how
 * things stand at each node. Confined to the worker.
 */
final class Topic {

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
  final Set<ClientHandler> clients = new LinkedHashSet<>();

  /** Requests that have not ended and want this to stay. */
  final Set<SubscriptionRequest> joining = new LinkedHashSet<>();

  /** Requests that wait for the node to have forgotten this. */
  final Set<SubscriptionRequest> leaving = new LinkedHashSet<>();

  private final AtNode[] nodes;
  private final @Nullable NodeFailure[] failures;

  /**
   * Until when the nodes that nothing is published on by PUBLISH are waited for; 0: not yet set.
   */
  long patientUntilMillis;

  /** The node of the channel's hash. */
  int home;

  Topic(Subscription subscription, Audience audience, int nodes, int home) {
    this.subscription = subscription;
    this.audience = audience;
    this.nodes = new AtNode[nodes];
    Arrays.fill(this.nodes, AtNode.NONE);
    failures = new NodeFailure[nodes];
    this.home = home;
  }

  /** Whether nobody wants this any more. */
  boolean isDeserted() {
    return clients.isEmpty() && joining.isEmpty();
  }

  /** Whether messages may come from {@code node}. */
  boolean isAt(int node) {
    return subscription.kind() != SubscriptionKind.SHARD_CHANNEL || node == home;
  }

  AtNode at(int node) {
    return nodes[node];
  }

  void set(int node, AtNode now) {
    nodes[node] = now;
    failures[node] = null;
  }

  void lost(int node, NodeFailure failure) {
    nodes[node] = AtNode.LOST;
    failures[node] = failure;
  }

  boolean any(AtNode state) {
    for (AtNode node : nodes) {
      if (node == state) {
        return true;
      }
    }
    return false;
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
    switch (nodes[home]) {
      case LOST -> {
        return Verdict.NO;
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
    throw new AssertionError(nodes[home]);
  }

  /** Whether the nodes that matter have forgotten this. */
  boolean forgotten() {
    return subscription.kind() == SubscriptionKind.PATTERN
        ? !any(AtNode.LEAVING)
        : nodes[home] != AtNode.LEAVING;
  }

  /** Why a client cannot listen. */
  NodeFailure failure() {
    NodeFailure failure = subscription.kind() == SubscriptionKind.PATTERN ? null : failures[home];
    for (int i = 0; i < failures.length && failure == null; i++) {
      failure = failures[i];
    }
    if (failure == null) {
      throw new IllegalStateException("no node has failed for " + subscription);
    }
    return failure;
  }
}
