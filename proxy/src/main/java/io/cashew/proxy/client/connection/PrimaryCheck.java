package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.FirstKeys;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.RoutingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Holds a request whose node has no server that takes it, until it has one or {@code failover-wait}
 * is over: counted from the arrival of the request, so that all that a client has sent together
 * waits once. Where the server of a name is a replica, or another one is about to take over, what
 * may write waits. One per pool and worker, confined to it.
 *
 * <p>While every node has a server, a request costs a look at whether a node has changed.
 */
final class PrimaryCheck {
  private final PoolPart pool;
  private final FirstKeys keys;
  private PubSubRequests pubSub;
  private final Map<ConnectedClient, Wait> waiting = new HashMap<>();

  /** What {@link #anyIsWithoutPrimary} was found of, and whether it was. */
  private @Nullable RoutingTable lookedAt;

  private int lookedAtChanges;
  private boolean anyIsWithoutPrimary;

  /** What a client waits for, and until when, as {@link io.cashew.proxy.loop.Worker#nowNanos}. */
  private record Wait(Node node, boolean writes, long deadlineNanos) {
    boolean isOver(long nowNanos) {
      return waitMillis(node, writes) == 0 || nowNanos - deadlineNanos >= 0;
    }
  }

  PrimaryCheck(PoolPart pool, PubSubRequests pubSub) {
    this.pool = pool;
    keys = new FirstKeys(pool.router());
    this.pubSub = pubSub;
  }

  /** The pool has other commands. */
  void install(PubSubRequests newPubSub) {
    pubSub = newPubSub;
  }

  /** Whether a request has to wait; then its client's gate has the hold. */
  boolean holds(ConnectedClient client, Command command, Kind kind, RequestFrame frame) {
    assert pool.worker().inThread();
    if (!pool.settings().waitsForPrimaries() || !anyIsWithoutPrimary()) {
      return false;
    }
    Node node =
        client.mode().inTransaction()
            ? nodeOfExec(client, command)
            : nodeWithoutPrimary(client, command, kind, frame);
    if (node == null) {
      return false;
    }
    long deadline =
        client.arrivedNanos()
            + TimeUnit.MILLISECONDS.toNanos(waitMillis(node, !command.onlyReads()));
    if (pool.worker().nowNanos() - deadline >= 0) {
      return false;
    }
    client.hold(Hold.NO_PRIMARY);
    waiting.put(client, new Wait(node, !command.onlyReads(), deadline));
    return true;
  }

  /**
   * Where {@code EXEC} would write, if another server is about to take over there; all else of a
   * transaction does nothing yet. Once that has come to be the transaction is discarded.
   */
  private @Nullable Node nodeOfExec(ConnectedClient client, Command command) {
    Node at = client.transaction().node();
    return at != null
            && at.writesWaitMillis() > 0
            && command.has(Property.EXECUTES_QUEUED)
            && client.mode().queuesWrites()
            && pool.router().backends().stream().anyMatch(each -> each.node() == at)
        ? at
        : null;
  }

  /** How long a request for a node may wait; 0: it need not. */
  private static long waitMillis(Node node, boolean writes) {
    long any = node.circuitOpen() ? node.failoverWaitMillis() : 0;
    return any == 0 && writes ? node.writesWaitMillis() : any;
  }

  private static boolean isWithoutPrimary(Node node) {
    return waitMillis(node, true) > 0;
  }

  /** Looks at all nodes when one of them has changed, or there are others; not for each request. */
  private boolean anyIsWithoutPrimary() {
    // Read first: what changes while the nodes are looked at has them looked at again.
    int changes = Node.changes();
    RoutingTable table = pool.router().table();
    if (changes != lookedAtChanges || table != lookedAt) {
      lookedAtChanges = changes;
      lookedAt = table;
      anyIsWithoutPrimary =
          pool.router().backends().stream().anyMatch(backend -> isWithoutPrimary(backend.node()));
    }
    return anyIsWithoutPrimary;
  }

  /** Whether a replica answers. */
  private boolean canBeRead(ConnectedClient client, Command command, RequestFrame frame) {
    return CopyReads.mayAnswer(client, command)
        && pool.router().canBeRead(frame, command, client.lane());
  }

  private @Nullable Node nodeWithoutPrimary(
      ConnectedClient client, Command command, Kind kind, RequestFrame frame) {
    Router router = pool.router();
    boolean writes = !command.onlyReads();
    Predicate<Node> isMissed = node -> waitMillis(node, writes) > 0;
    return switch (kind) {
      case FORWARD, SPLIT, ONE_NODE, BLOCKING ->
          canBeRead(client, command, frame) ? null : keys.first(frame, command, isMissed);
      case TRANSACTION -> // MULTI goes nowhere before the first key
          command.firstKey() > 0 ? keys.first(frame, command, isMissed) : null;
      case KEYSPACE ->
          first(router.servers().stream().map(backend -> backend.node()).toList(), isMissed);
      case PUBSUB -> {
        Predicate<Node> isLost = node -> waitMillis(node, false) > 0;
        Node asked = first(pubSub.nodesAskedForListeners(command, frame, router), isLost);
        yield asked == null ? first(pubSub.nodesToListenTo(command, frame, router), isLost) : asked;
      }
      case LOCAL, ADMIN, REFUSED -> null;
    };
  }

  private static @Nullable Node first(Iterable<Node> nodes, Predicate<Node> is) {
    for (Node node : nodes) {
      if (is.test(node)) {
        return node;
      }
    }
    return null;
  }

  /** Some time has passed: whoever need not wait any longer goes on. */
  void onTick() {
    assert pool.worker().inThread();
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
    assert pool.worker().inThread();
    List.copyOf(waiting.keySet()).forEach(this::release);
  }

  private void release(ConnectedClient client) {
    waiting.remove(client);
    client.release(Hold.NO_PRIMARY);
  }
}
