package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a request whose node has no server that takes it, until it has one or {@code failover-wait}
 * is over: counted from the arrival of the request, so that all that a client has sent together
 * waits once. One per pool and worker, confined to it.
 *
 * <p>While every node has a server, this looks at their circuits and at nothing else.
 */
final class PrimaryCheck {
  private final PoolPart pool;
  private PubSubRequests pubSub;
  private final Map<ConnectedClient, Wait> waiting = new HashMap<>();

  /** What a client waits for, and until when, as {@link io.cashew.proxy.loop.Worker#nowNanos}. */
  private record Wait(Node node, long deadlineNanos) {
    boolean isOver(long nowNanos) {
      return !isWithoutPrimary(node) || nowNanos - deadlineNanos >= 0;
    }
  }

  PrimaryCheck(PoolPart pool, PubSubRequests pubSub) {
    this.pool = pool;
    this.pubSub = pubSub;
  }

  /** The pool has other commands. */
  void install(PubSubRequests newPubSub) {
    pubSub = newPubSub;
  }

  /** Whether a request has to wait; then its client's gate has the hold. */
  boolean holds(ConnectedClient client, Command command, Kind kind, RequestFrame frame) {
    if (!pool.settings().followsFailovers() || !anyIsWithoutPrimary()) {
      return false;
    }
    Node node = client.mode().inTransaction() ? null : nodeWithoutPrimary(command, kind, frame);
    if (node == null) {
      return false;
    }
    long deadline =
        client.arrivedNanos() + TimeUnit.MILLISECONDS.toNanos(node.failoverWaitMillis());
    if (pool.worker().nowNanos() - deadline >= 0) {
      return false;
    }
    client.hold(Hold.NO_PRIMARY);
    waiting.put(client, new Wait(node, deadline));
    return true;
  }

  private static boolean isWithoutPrimary(Node node) {
    return node.circuitOpen() && node.failoverWaitMillis() > 0;
  }

  private boolean anyIsWithoutPrimary() {
    Router router = pool.router();
    for (int i = 0; i < router.backends().size(); i++) {
      if (isWithoutPrimary(router.backends().get(i).node())) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Node nodeWithoutPrimary(Command command, Kind kind, RequestFrame frame) {
    Router router = pool.router();
    return switch (kind) {
      case FORWARD, SPLIT, ONE_NODE, BLOCKING ->
          router.firstNode(frame, command, PrimaryCheck::isWithoutPrimary);
      case TRANSACTION -> // MULTI goes nowhere before the first key
          command.firstKey() > 0
              ? router.firstNode(frame, command, PrimaryCheck::isWithoutPrimary)
              : null;
      case KEYSPACE -> first(router.servers().stream().map(backend -> backend.node()).toList());
      case PUBSUB -> first(pubSub.nodesAskedForListeners(command, frame, router));
      case LOCAL, ADMIN, REFUSED -> null;
    };
  }

  private static @Nullable Node first(Iterable<Node> nodes) {
    for (Node node : nodes) {
      if (isWithoutPrimary(node)) {
        return node;
      }
    }
    return null;
  }

  /** Some time has passed: whoever need not wait any longer goes on. */
  void onTick() {
    if (waiting.isEmpty()) {
      return;
    }
    long now = pool.worker().nowNanos();
    List<ConnectedClient> over = new ArrayList<>();
    waiting.forEach(
        (client, wait) -> {
          if (client.over() || wait.isOver(now)) {
            over.add(client);
          }
        });
    over.forEach(this::release);
  }

  /** Nodes may have other servers: everybody looks again. */
  void topologyChanged() {
    List.copyOf(waiting.keySet()).forEach(this::release);
  }

  private void release(ConnectedClient client) {
    waiting.remove(client);
    client.looksForPrimaryAgain();
  }
}
