package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections that one client, or one large request, has to itself for a while: taken by it,
 * and kept for the next one when nothing of it is left on them. Confined to the worker.
 */
final class PinnedConnections {
  private static final int MAX_IDLE = 64;

  /** What each large request may leave unsent, however many there are. */
  private static final int STREAM_SHARE_BYTES = 64 << 10;

  private final Worker worker;
  private final Node node;
  private final Opener opener;

  /** Those in use and idle ones. */
  private final ConnectionSet all = new ConnectionSet();

  /** Those of a kind that nobody has. */
  private final @Nullable ArrayDeque<RequestConnection>[] idle;

  /** Of each kind, how many leases of the node this worker has taken note of. */
  private final long[] leasesSeen;

  /** Large requests that wait until others have been taken. */
  private final List<BooleanSupplier> waitingForRoom = new ArrayList<>();

  private NodeFailure refusal;

  /** None is open. */
  PinnedConnections(Worker worker, Node node, Opener opener) {
    this.worker = worker;
    this.node = node;
    this.opener = opener;
    int kinds = Lane.kinds(opener.settings().databases());
    idle = newDeques(kinds);
    leasesSeen = new long[kinds];
    refusal = opener.whyNone();
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there is no other way to make such an array
  private static @Nullable ArrayDeque<RequestConnection>[] newDeques(int length) {
    return new ArrayDeque[length];
  }

  // ---------------------------------------------------------------- taking one

  /**
   * A connection that nobody else uses.
   *
   * @param used whether others may have used it before
   * @return null if there is none: {@link #refusal}
   */
  @Nullable RequestConnection take(Lane lane, boolean used) {
    assert worker.inThread();
    NodeFailure open = node.circuit();
    if (open != null) {
      refusal = open;
      return null;
    }
    RequestConnection connection = used ? idle(lane.kind()).poll() : null;
    if (connection != null) {
      return connection;
    }
    NodeFailure full = opener.closed() ? opener.ending() : full();
    if (full != null) {
      refusal = full;
      return null;
    }
    connection = open(lane.resp3, lane.database, false);
    if (connection == null) {
      refusal = opener.whyNone();
    }
    return connection;
  }

  /** Why no more may be opened; null: one may. */
  private @Nullable NodeFailure full() {
    int most = opener.settings().pinnedMax();
    if (all.size() >= most) {
      return node.failure(
          FailureKind.OVERLOADED,
          "Too many transactions, blocking commands and large requests at one time"
              + " (limits.pinned-per-node is "
              + most
              + ")");
    }
    return opener.descriptorLeft()
        ? null
        : node.failure(
            FailureKind.OVERLOADED,
            "Too many connections for transactions, blocking commands and large requests (the limit"
                + " of open files is reached)");
  }

  /** There is no connection of another kind for what needs one for itself. */
  void refuse(NodeFailure why) {
    refusal = why;
  }

  /** Why {@link #take} gave none. */
  NodeFailure refusal() {
    return refusal;
  }

  private ArrayDeque<RequestConnection> idle(int kind) {
    ArrayDeque<RequestConnection> free = idle[kind];
    if (free == null) {
      idle[kind] = free = new ArrayDeque<>();
    }
    return free;
  }

  private @Nullable RequestConnection open(boolean resp3, int database, boolean spare) {
    int kind = Lane.kind(resp3, database);
    RequestConnection connection =
        opener.open(new Owner(idle(kind), spare), opener.settings(resp3, database), true);
    if (connection != null) {
      all.add(connection);
    }
    return connection;
  }

  /**
   * Opens a connection for one client until it ends.
   *
   * @param receives whether nothing is asked on it, so that having all replies is not its end
   * @param pushes takes what the node sends without having been asked
   * @param ended runs when it has ended
   * @return the connection; null if there is none
   */
  @Nullable RequestConnection openOwn(
      boolean resp3, int database, boolean receives, ReplyFeed.PushSink pushes, Runnable ended) {
    assert worker.inThread();
    return full() != null ? null : openOwn(resp3, database, receives, true, pushes, ended);
  }

  /**
   * Opens a connection in RESP3 on which the proxy itself is told of something, and which takes
   * nothing from clients' part.
   *
   * @return the connection; null if there is none
   */
  @Nullable RequestConnection openForProxy(ReplyFeed.PushSink pushes, Runnable ended) {
    assert worker.inThread();
    return openOwn(true, 0, true, false, pushes, ended);
  }

  private @Nullable RequestConnection openOwn(
      boolean resp3,
      int database,
      boolean receives,
      boolean counted,
      ReplyFeed.PushSink pushes,
      Runnable ended) {
    if (!opener.serves() || node.circuitOpen()) {
      return null;
    }
    RequestConnection connection =
        opener.open(
            new OneClient(receives, ended), opener.settings().speaking(resp3, database), counted);
    if (connection != null) {
      all.add(connection);
      connection.acceptPushes(pushes);
    }
    return connection;
  }

  // ---------------------------------------------------------------- spares

  /**
   * Has a connection ready of each kind that clients have been lent, whichever worker lent it:
   * clients rely on it that a wait begins before what they send on another connection thereafter.
   * One that the node ends is opened anew after the next lease only.
   */
  private void keepSpares() {
    if (!node.leases().isEmpty()) { // nothing is allocated at a tick where nobody waits
      node.leases().forEach(this::keepSpare);
    }
  }

  private void keepSpare(int kind, long leases) {
    if (leasesSeen[kind] == leases) {
      return;
    }
    leasesSeen[kind] = leases;
    boolean room = all.size() < opener.settings().pinnedMax() / 2 && opener.descriptorLeft();
    if (room && idle(kind).isEmpty() && !node.circuitOpen()) {
      open(Lane.resp3(kind), Lane.database(kind), true);
    }
  }

  // ---------------------------------------------------------------- room for large requests

  /**
   * Whether the node may be sent more of a large request. All of them together leave as much unsent
   * as one connection may; each may have a little, or those that came first would keep it all.
   */
  boolean roomFor(RequestConnection stream) {
    return stream.queuedBytes() < STREAM_SHARE_BYTES
        || all.streamedBytes() < opener.settings().unsentBytes();
  }

  /** Calls {@code stream} at each tick until it says that it need not wait any more. */
  void waitForRoom(BooleanSupplier stream) {
    waitingForRoom.add(stream);
  }

  // ---------------------------------------------------------------- all of them

  /** Has other limits from now on. */
  void adopt(BackendSettings newer) {
    all.adopt(newer);
  }

  /** A tick; returns how many bytes wait for the node. */
  long onTick(long tickMillis) {
    long queued = all.onTick(tickMillis);
    if (opener.serves()) {
      keepSpares();
    }
    if (!waitingForRoom.isEmpty()) {
      for (BooleanSupplier stream : List.copyOf(waitingForRoom)) {
        if (stream.getAsBoolean()) {
          waitingForRoom.remove(stream);
        }
      }
    }
    return queued;
  }

  /** Ends those that owe nothing; the others end when they have their replies. */
  void retire() {
    all.retire(opener.ending());
  }

  /** Ends all. */
  void close() {
    all.fail(opener.ending());
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Keeps a connection for the next one when nobody has it any more. */
  private final class Owner implements RequestConnection.Owner {
    private final ArrayDeque<RequestConnection> free;
    private final boolean spare;

    Owner(ArrayDeque<RequestConnection> free, boolean spare) {
      this.free = free;
      this.spare = spare;
    }

    @Override
    public void onReady(RequestConnection connection) {
      if (spare) {
        onIdle(connection);
      }
    }

    @Override
    public void onIdle(RequestConnection connection) {
      if (opener.retired()) {
        connection.fail(opener.ending(), false);
        return;
      }
      boolean known = spare && free.contains(connection); // ready, and then done with a handshake
      if (connection.lease().leased() || known) {
        return;
      }
      if (free.size() < MAX_IDLE) {
        free.push(connection);
      } else {
        connection.fail(opener.ending(), false);
      }
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      all.remove(connection);
      free.remove(connection);
      opener.endedUnlessByUs(cause, early);
    }
  }

  /** A connection of one client's own. */
  private final class OneClient implements RequestConnection.Owner {
    private final boolean receives;
    private final Runnable ended;

    OneClient(boolean receives, Runnable ended) {
      this.receives = receives;
      this.ended = ended;
    }

    @Override
    public void onReady(RequestConnection connection) {}

    @Override
    public void onIdle(RequestConnection connection) {
      if (opener.retired() && !receives) {
        connection.fail(opener.ending(), false);
      }
    }

    @Override
    public boolean endsWithItsBackend() {
      return !receives;
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      all.remove(connection);
      opener.endedUnlessByUs(cause, early);
      ended.run();
    }
  }
}
