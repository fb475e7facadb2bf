package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.Trace;
import io.cashew.proxy.client.blocking.Departures;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.FirstKeys;
import io.cashew.proxy.route.Router;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds a request until clients that left before it came are forgotten where it would find them.
 * One per pool and worker, confined to it.
 */
final class DepartureCheck {
  private final PoolPart pool;
  private final Departures departures;
  private final FirstKeys keys;
  private PubSubRequests pubSub;

  DepartureCheck(PoolPart pool, Departures departures, PubSubRequests pubSub) {
    this.pool = pool;
    this.departures = departures;
    keys = new FirstKeys(pool.router());
    this.pubSub = pubSub;
  }

  /** The pool has other commands. */
  void install(PubSubRequests newPubSub) {
    pubSub = newPubSub;
  }

  /** Whether a request has to wait; then its client's gate has the hold. */
  boolean holds(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    boolean findsNobody =
        command.kind() == Kind.PUBSUB
            ? pubSub.nobodyListens()
            : !command.mayServeWaiters() || !pool.router().table().mayBeWaitedFor();
    if (findsNobody) {
      return false;
    }
    if (pool.router().anyNodeWillDo() && client.departures().anyInVain()) {
      return false;
    }
    List<Trace.At> unseen = new ArrayList<>();
    for (Trace.At place : places(client, command, frame)) {
      if (!client.departures().isSeen(place) && departures.mayBeAt(place)) {
        unseen.add(place);
      }
    }
    look(client, unseen);
    return !unseen.isEmpty();
  }

  private void look(ConnectedClient client, List<Trace.At> unseen) {
    int[] missing = {unseen.size()};
    for (Trace.At place : unseen) {
      client.hold(Hold.DEPARTURES);
      departures.look(
          place,
          failure -> {
            client.departures().see(place, failure);
            if (--missing[0] == 0) {
              client.release(Hold.DEPARTURES);
            }
          });
    }
  }

  /**
   * Why a request that is not held is not sent either; null: it is. A node that has let a time-out
   * pass while clients were to be forgotten there would let another one pass. Of nodes that hold
   * the same data the request could go to any, and so could the next one that is looked at hang.
   */
  @Nullable NodeFailure failure(ConnectedClient client, Command command, RequestFrame frame) {
    if (!client.departures().anyInVain()) {
      return null;
    }
    boolean mayFindSome = command.kind() == Kind.PUBSUB || command.mayServeWaiters();
    return mayFindSome && pool.router().anyNodeWillDo()
        ? client.departures().anyFailure()
        : client.departures().failure(places(client, command, frame));
  }

  /** Where a request may find clients that have left. */
  private List<Trace.At> places(ConnectedClient client, Command command, RequestFrame frame) {
    Router router = pool.router();
    if (command.kind() == Kind.PUBSUB) {
      return places(Trace.LISTENS, pubSub.nodesAskedForListeners(command, frame, router));
    }
    if (!command.mayServeWaiters()) {
      return List.of();
    }
    if (command.kind() == Kind.KEYSPACE) {
      return places(Trace.WAITS, router.backends().stream().map(Backend::node).toList());
    }
    Node node =
        client.mode().inTransaction() ? client.transaction().node() : keys.nodeOf(frame, command);
    return node == null ? List.of() : List.of(new Trace.At(Trace.WAITS, node));
  }

  private static List<Trace.At> places(Trace trace, Iterable<Node> nodes) {
    List<Trace.At> places = new ArrayList<>();
    nodes.forEach(node -> places.add(new Trace.At(trace, node)));
    return places;
  }
}
