package io.cashew.proxy.client;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import java.util.List;

/**
 * What is looked at before a request is carried out, in this order. First whatever answers it at
 * once: its arity, the client's password and rights, the client's mode. Then whatever lets it wait
 * behind others, and last what there is room for. One per pool and worker, confined to it.
 */
final class Checks {
  /** What becomes of a request. */
  enum Outcome {
    /** It is carried out. */
    PASS,

    /** It is over: refused, or queued. */
    ANSWERED,

    /** It must wait: its client's gate has a {@link Hold}, and it comes again. */
    LATER
  }

  private final PoolPart pool;
  private final AccessGuard guard;
  private final Departures departures;

  Checks(PoolPart pool, AccessGuard guard, Departures departures) {
    this.pool = pool;
    this.guard = guard;
    this.departures = departures;
  }

  Outcome check(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    if (isOfWrongArity(client, command, frame)
        || isBeforeLogin(client, command)
        || isNotPermitted(client, command, frame)
        || client.mode().takes(command, frame)) {
      return Outcome.ANSWERED;
    }
    Kind kind = command.kind(frame);
    if (waitsForReplies(client, command, kind)
        || waitsForMergedReplies(client, kind)
        || waitsForDepartures(client, command, frame)) {
      return Outcome.LATER;
    }
    return isWithoutMemory(client, kind) ? Outcome.ANSWERED : Outcome.PASS;
  }

  private static boolean isOfWrongArity(
      ConnectedClient client, Command command, RequestFrame frame) {
    if (command.takes(frame.argc())) {
      return false;
    }
    String error = CommandErrors.wrongArity(command);
    if (command.has(Property.EXECUTES_QUEUED)) {
      error = client.transaction().malformedExec(error);
    }
    client.refuse(RefusalKind.WRONG_ARITY, error);
    return true;
  }

  private static boolean isBeforeLogin(ConnectedClient client, Command command) {
    if (client.session().authenticated() || command.has(CommandFlag.NO_AUTH)) {
      return false;
    }
    client.refuse(RefusalKind.NOT_AUTHENTICATED, "NOAUTH Authentication required.");
    return true;
  }

  private boolean isNotPermitted(ConnectedClient client, Command command, RequestFrame frame) {
    return client.session().restricted() && !guard.admits(client, command, frame);
  }

  /** Between {@code MULTI} and {@code EXEC} nothing waits: the requests are on one connection. */
  private static boolean waitsForReplies(ConnectedClient client, Command command, Kind kind) {
    if ((kind.waitsForReplies() || command.isAlone())
        && client.isOwedReplies()
        && !client.mode().inTransaction()) {
      client.waitForReplies();
      return true;
    }
    return false;
  }

  private static boolean waitsForMergedReplies(ConnectedClient client, Kind kind) {
    if ((kind == Kind.SPLIT || kind == Kind.KEYSPACE) && client.isFullOfMergedReplies()) {
      client.hold(Hold.MERGED_REPLIES);
      return true;
    }
    return false;
  }

  /** Whether clients that have left must be forgotten first at the nodes of the request. */
  private boolean waitsForDepartures(ConnectedClient client, Command command, RequestFrame frame) {
    Router router = pool.router();
    if (!command.mayServeWaiters() || client.departuresSeen() || !router.mayBeWaitedFor()) {
      return false;
    }
    if (command.kind() == Kind.KEYSPACE) {
      return looksForDepartures(client, router.nodesThatAreWaitedFor());
    }
    Node node =
        client.mode().inTransaction()
            ? client.transaction().node()
            : router.nodeOfFirstKey(frame, command);
    return node != null && node.isWaitedFor() && looksForDepartures(client, List.of(node));
  }

  private boolean looksForDepartures(ConnectedClient client, List<Node> nodes) {
    if (nodes.isEmpty()) {
      return false;
    }
    client.hold(Hold.DEPARTURES);
    int[] unseen = {nodes.size()};
    for (Node node : nodes) {
      departures.look(
          node,
          () -> {
            if (--unseen[0] == 0) {
              client.departuresAreSeen();
            }
          });
    }
    return true;
  }

  private boolean isWithoutMemory(ConnectedClient client, Kind kind) {
    if (kind == Kind.LOCAL || !pool.worker().shortOfMemory()) {
      return false;
    }
    client.refuse(
        RefusalKind.SHORT_OF_MEMORY,
        "ERR The proxy is short of memory (memory-limit), the request was not sent");
    return true;
  }
}
