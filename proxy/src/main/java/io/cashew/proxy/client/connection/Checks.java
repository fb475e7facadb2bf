package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;

/**
 * What is looked at before a request is carried out, in this order. First whatever answers it at
 * once: its arity, the client's password and rights, the client's mode. Then whatever lets it wait
 * behind others, and last what there is room for. One per pool and worker, confined to it.
 */
class Checks {
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
  private final PrimaryCheck primaries;
  private final DepartureCheck departures;
  private final RerouteCheck reroutes;

  Checks(PoolPart pool, AccessGuard guard, PrimaryCheck primaries, DepartureCheck departures) {
    reroutes = new RerouteCheck(pool);
    this.pool = pool;
    this.guard = guard;
    this.primaries = primaries;
    this.departures = departures;
  }

  Outcome check(ConnectedClient client, Command command, RequestFrame frame) {
    return isNotAdmitted(client, command, frame)
        ? Outcome.ANSWERED
        : checkAdmitted(client, command, frame);
  }

  /** Whether a request is refused for what it is, or whose. */
  final boolean isNotAdmitted(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    return isOfWrongArity(client, command, frame)
        || isBeforeLogin(client, command)
        || isNotPermitted(client, command, frame);
  }

  /** The same for a request that is not refused so. */
  final Outcome checkAdmitted(ConnectedClient client, Command command, RequestFrame frame) {
    if (client.mode().takes(command, frame)) {
      return Outcome.ANSWERED;
    }
    Kind kind = command.kind(frame);
    if (waitsForReplies(client, command, kind)
        || waitsForCopies(client, command, kind)
        || waitsForMergedReplies(client, kind)
        || reroutes.holds(client, command, kind, frame)
        || primaries.holds(client, command, kind, frame)
        || departures.holds(client, command, frame)) {
      return Outcome.LATER;
    }
    return isForSilentNode(client, command, frame) || isWithoutMemory(client, kind)
        ? Outcome.ANSWERED
        : Outcome.PASS;
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
  private boolean waitsForReplies(ConnectedClient client, Command command, Kind kind) {
    if ((kind.waitsForReplies() || command.isAlone() || isAlone(command, kind))
        && client.order().first() != null
        && !client.mode().inTransaction()) {
      client.waitForReplies();
      return true;
    }
    return false;
  }

  private boolean isAlone(Command command, Kind kind) {
    return kind == Kind.KEYSPACE && Keyspace.isAlone(pool, command);
  }

  /** A replica that has not answered a read yet must not have a write that was sent after it. */
  private static boolean waitsForCopies(ConnectedClient client, Command command, Kind kind) {
    if (!command.onlyReads()
        && kind != Kind.LOCAL
        && CopyReads.areInFlight(client)
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

  /** Its node has just let a time-out pass, while something was to come before the request. */
  private boolean isForSilentNode(ConnectedClient client, Command command, RequestFrame frame) {
    NodeFailure failure = departures.failure(client, command, frame);
    if (failure == null) {
      return false;
    }
    if (command.has(Property.EXECUTES_QUEUED)) {
      client.transaction().discardUnanswered();
    }
    client.begins(command, command.kind(frame));
    client.addSlot().onFailure(failure);
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
