package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The connections that requests of all clients share, one a {@link Lane}: opened when they are
 * first needed, and again, at the node's pace, when they have ended. Confined to the worker.
 *
 * <p>All requests of one client take one lane, so they are executed in the order sent.
 */
final class SharedConnections {
  private final Worker worker;
  private final Node node;
  private final Opener opener;

  private final int perNode;

  /** Replies are never translated: of each kind there are connections of its own. */
  private final @Nullable RequestConnection[] connections;

  /**
   * The {@link Node#period} in which each was opened last, 0 if it never was: in the same it is
   * opened again at a pace.
   */
  private final int[] openedInPeriod;

  /** When each ended last, in ticks of the worker; below 0: none did. */
  private final long[] endedTickMillis;

  /** None is open. */
  SharedConnections(Worker worker, Node node, Opener opener) {
    this.worker = worker;
    this.node = node;
    this.opener = opener;
    BackendSettings settings = opener.settings();
    perNode = settings.connectionsPerNode();
    connections = new RequestConnection[Lane.kinds(settings.databases()) * perNode];
    openedInPeriod = new int[connections.length];
    endedTickMillis = new long[connections.length];
    Arrays.fill(endedTickMillis, -1);
  }

  /** The connection of a lane; null if none is open. */
  @Nullable RequestConnection existing(Lane lane) {
    return connections[lane.index(perNode)];
  }

  /** The connection of a lane, opened if need be; null if there is none: {@link Opener#whyNone}. */
  @Nullable RequestConnection get(Lane lane) {
    assert worker.inThread();
    RequestConnection connection = connections[lane.index(perNode)];
    return connection == null ? connect(lane) : connection;
  }

  private @Nullable RequestConnection connect(Lane lane) {
    if (opener.closed() || !paceAllows(lane)) {
      return null;
    }
    // Those of the first kind are set aside from the beginning, those to replicas are not.
    boolean counted = lane.kind() > 0 || node.isReplica();
    RequestConnection connection =
        opener.open(new Owner(lane), opener.settings(lane.resp3, lane.database), counted);
    if (connection != null) {
      connections[lane.index(perNode)] = connection;
    }
    return connection;
  }

  private boolean paceAllows(Lane lane) {
    int period = node.period();
    int openedIn = openedInPeriod[lane.index(perNode)];
    openedInPeriod[lane.index(perNode)] = period;
    if (openedIn == 0) {
      node.connectPace().countFirst();
    }
    return openedIn != period || node.connectPace().tryTake(worker.nowNanos());
  }

  /**
   * Whether what clients of a lane have sent since then has gone over the connection that there is
   * now, or over none.
   *
   * @param tickMillis in ticks of the worker
   */
  boolean hasBeenConnectedSince(Lane lane, long tickMillis) {
    return endedTickMillis[lane.index(perNode)] < tickMillis;
  }

  /** Has other limits from now on. */
  void adopt(BackendSettings newer) {
    for (RequestConnection connection : connections) {
      if (connection != null) {
        connection.adopt(newer);
      }
    }
  }

  /** A tick; returns how many bytes wait for the node. */
  long onTick(long tickMillis) {
    long queued = 0;
    for (RequestConnection connection : connections) {
      if (connection != null) {
        connection.onTick(tickMillis);
        queued += connection.queuedBytes();
      }
    }
    return queued;
  }

  /** Whether the node may have been running a script for so long that one of them waits for. */
  boolean mayRunScriptFor(long millis, long tickMillis) {
    for (RequestConnection connection : connections) {
      if (connection != null && connection.mayRunScriptFor(millis, tickMillis)) {
        return true;
      }
    }
    return false;
  }

  /** Ends those that owe nothing; the others end when they have their replies. */
  void retire() {
    for (RequestConnection connection : connections) {
      if (connection != null) {
        connection.retire(opener.ending());
      }
    }
  }

  /** Ends all. */
  void close() {
    for (RequestConnection connection : connections) {
      if (connection != null) {
        connection.fail(opener.ending(), false);
      }
    }
  }

  private boolean isOnly(RequestConnection connection) {
    for (RequestConnection each : connections) {
      if (each != null && each != connection) {
        return false;
      }
    }
    return true;
  }

  /** Whether none is open. */
  boolean isEmpty() {
    for (RequestConnection connection : connections) {
      if (connection != null) {
        return false;
      }
    }
    return true;
  }

  private final class Owner implements RequestConnection.Owner {
    private final Lane lane;

    Owner(Lane lane) {
      this.lane = lane;
    }

    /** Nobody has told the proxy what became of the node while there was no connection. */
    @Override
    public void onReady(RequestConnection connection) {
      if (isOnly(connection)) {
        node.firstConnectionOpened();
      }
    }

    @Override
    public void onIdle(RequestConnection connection) {
      if (opener.retired()) {
        connection.fail(opener.ending(), false);
      }
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      connections[lane.index(perNode)] = null;
      endedTickMillis[lane.index(perNode)] = worker.tickMillis();
      opener.ended(cause, early);
    }

    @Override
    public boolean resend(InFlightQueue from, int count, ByteBuf bytes, boolean last) {
      RequestConnection connection = node.circuitOpen() ? null : connect(lane);
      if (connection == null) {
        return false;
      }
      if (last) {
        connection.lastTry();
      }
      connection.takeOver(from, count, bytes);
      return true;
    }
  }
}
