package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections of one backend, as long as it may have any, and knows why there is none.
 * Confined to the worker.
 */
final class Opener {

  /** How far a backend is; it never goes back. */
  private enum Phase {
    SERVING,

    /** It takes no more requests, and ends as what is under way ends. */
    RETIRED,

    /** It has no connections, and opens none. */
    CLOSED
  }

  private final Worker worker;
  private final Node node;
  private final NodeRecorder recorder;
  private final Sockets sockets;
  private final Descriptors descriptors;
  private BackendSettings settings;
  private Connector connector;

  /** What is said first on connections of a kind; made when the first is opened. */
  private final @Nullable BackendSettings[] settingsOfKind;

  private Phase phase = Phase.SERVING;
  private boolean retired;

  /** What ended a connection, or kept one from being opened, last. */
  private @Nullable NodeFailure lastFailure;

  private final NodeFailure stopped;
  private final NodeFailure gone;

  /**
   * Nothing is open.
   *
   * @param settings of connections of the first kind
   * @param descriptors of which connections take that only some clients need
   */
  Opener(
      Worker worker,
      Node node,
      BackendSettings settings,
      NodeRecorder recorder,
      Sockets sockets,
      Descriptors descriptors) {
    this.worker = worker;
    this.node = node;
    this.settings = settings;
    this.recorder = recorder;
    this.sockets = sockets;
    this.descriptors = descriptors;
    connector = new Connector(worker, node, settings, sockets, descriptors);
    settingsOfKind = new BackendSettings[Lane.kinds(settings.databases())];
    stopped = node.failure(FailureKind.STOPPING, "The proxy is stopping");
    gone =
        node.failure(FailureKind.STOPPING, "The node was taken out, or is at another address now");
  }

  // ---------------------------------------------------------------- settings

  BackendSettings settings() {
    return settings;
  }

  /** For connections of a kind. */
  BackendSettings settings(boolean resp3, int database) {
    int kind = Lane.kind(resp3, database);
    BackendSettings of = settingsOfKind[kind];
    if (of == null) {
      of = settings.speaking(resp3, database);
      settingsOfKind[kind] = of;
    }
    return of;
  }

  /** For what has to end even in a pool without a time-out. */
  BackendSettings finiteSettings() {
    return settings.withTimeoutMillis(settings.finiteTimeoutMillis());
  }

  /** Opens connections with other settings from now on. */
  void adopt(BackendSettings newer) {
    settings = newer;
    Arrays.fill(settingsOfKind, null);
    connector = new Connector(worker, node, newer, sockets, descriptors);
  }

  Connector connector() {
    return connector;
  }

  /** Whether a file descriptor is left of the clients' part. */
  boolean descriptorLeft() {
    return descriptors.anyLeft();
  }

  // ---------------------------------------------------------------- the backend's end

  /** Whether requests may come. */
  boolean serves() {
    return phase == Phase.SERVING;
  }

  boolean closed() {
    return phase == Phase.CLOSED;
  }

  /** Whether the backend was retired, also if it has been closed since. */
  boolean retired() {
    return retired;
  }

  /** Requests no longer come, but for those that belong to what is under way. */
  void retire() {
    phase = phase == Phase.CLOSED ? Phase.CLOSED : Phase.RETIRED;
    retired = true;
    lastFailure = gone;
  }

  /** Opens nothing any more. */
  void close() {
    phase = Phase.CLOSED;
    lastFailure = ending();
  }

  /** What connections end with when the backend does, or when nobody needs them. */
  NodeFailure ending() {
    return retired ? gone : stopped;
  }

  // ---------------------------------------------------------------- connections

  /** Why there is no connection, for a request that needs one. */
  NodeFailure whyNone() {
    NodeFailure failure = phase == Phase.CLOSED ? ending() : lastFailure;
    return failure == null ? node.unresolved() : failure;
  }

  /**
   * Opens a connection.
   *
   * @param counted whether its descriptor comes out of the clients' part
   * @return null if that has failed at once: {@link #whyNone}
   */
  @Nullable RequestConnection open(
      RequestConnection.Owner owner, BackendSettings connectionSettings, boolean counted) {
    return open(owner, connectionSettings, counted, null);
  }

  /** The same, to a server that need not be where the node is now; null: where it is. */
  @Nullable RequestConnection open(
      RequestConnection.Owner owner,
      BackendSettings connectionSettings,
      boolean counted,
      @Nullable SocketAddress server) {
    assert worker.inThread();
    if (phase == Phase.CLOSED) { // nobody would close it
      return null;
    }
    SocketAddress address = server == null ? node.address().current() : server;
    if (address == null) {
      node.address().refresh();
      lastFailure = node.unresolved();
      return null;
    }
    Channel channel;
    try {
      channel = connector.channelTo(address, counted);
    } catch (ChannelException e) { // no file descriptor is left: not the node's fault
      recorder.connectFailures++;
      lastFailure =
          node.failure(FailureKind.UNREACHABLE, "Cannot connect (" + e.getMessage() + ")");
      return null;
    }
    recorder.connects += owner.isCounted() ? 1 : 0;
    RequestConnection connection =
        new RequestConnection(worker, node, connectionSettings, recorder, owner, channel);
    connection.connect(connector, server);
    return connection.closed() ? null : connection; // a unix socket refuses at once
  }

  /**
   * A connection has ended, which says something of the node: tells the circuit.
   *
   * @param early whether the node has ended it before it was of any use
   */
  void ended(NodeFailure cause, boolean early) {
    lastFailure = cause;
    if (phase != Phase.SERVING) {
      return;
    }
    node.address().refresh();
    node.connectionEnded();
    if (cause.kind() == FailureKind.TIMEOUT) {
      node.timedOut(cause);
    } else if (early) {
      node.fail(cause);
    }
  }

  /** The same of a connection that one client had, or the proxy itself: unless they ended it. */
  void endedUnlessByUs(NodeFailure cause, boolean early) {
    if (cause.kind() != FailureKind.STOPPING && cause.kind() != FailureKind.ABANDONED) {
      ended(cause, early);
    }
  }
}
