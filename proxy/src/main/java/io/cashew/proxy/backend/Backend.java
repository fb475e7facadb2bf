package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Our side of a node on one worker: its connections, opened when they are first needed. Confined to
 * the worker.
 *
 * <p>All requests of one client go to one of the connections, so they are executed in the order
 * sent.
 */
public final class Backend implements TickListener {
  /** Shared connections are opened at this pace at most, ... */
  private static final long CONNECT_INTERVAL_MILLIS = 100;

  /** ... but so many at once, if none were for a while. */
  private static final int CONNECTS_AT_ONCE = 10;

  private static final int MAX_IDLE_PINNED = 4;
  private static final byte[] PING = Replies.bytes("*1\r\n$4\r\nPING\r\n");

  private final Worker worker;
  private final Node node;
  private final BackendSettings settings;
  private final NodeRecorder recorder;
  private final Connector connector;
  private @Nullable Subscriber subscriber;
  private final BackendSettings resp3Settings;

  /** Those that speak RESP2, then those that speak RESP3: replies are never translated. */
  private final @Nullable BackendConnection[] shared;

  /** Leased and probing connections, idle ones included. */
  private final List<BackendConnection> others = new ArrayList<>();

  private final ArrayDeque<BackendConnection> idleResp2 = new ArrayDeque<>();
  private final ArrayDeque<BackendConnection> idleResp3 = new ArrayDeque<>();

  /** Until when the connections that were opened have used up the pace. */
  private long pacedUntilTickMillis;

  private boolean stopping;
  private @Nullable NodeFailure lastFailure;
  private final NodeFailure unresolved;
  private final NodeFailure stopped;

  /**
   * A backend without connections.
   *
   * @param worker whose thread this is confined to
   * @param node the node
   * @param settings of its pool
   * @param recorder counts for this node on this worker
   * @param sockets makes channels
   */
  public Backend(
      Worker worker, Node node, BackendSettings settings, NodeRecorder recorder, Sockets sockets) {
    this.worker = worker;
    this.node = node;
    this.settings = settings;
    this.recorder = recorder;
    connector = new Connector(worker, settings, sockets);
    resp3Settings = settings.speakingResp3();
    shared = new BackendConnection[2 * settings.connectionsPerNode()];
    unresolved = node.unresolved();
    stopped = node.failure(FailureKind.STOPPING, "The proxy is stopping");
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /**
   * Which of the shared connections a client's requests take: always the same, so that they are
   * executed in the order sent, and one that speaks the client's protocol.
   *
   * @param clientId the client's
   * @param resp3 whether replies are to come in RESP3
   */
  public int lane(long clientId, boolean resp3) {
    int connections = settings.connectionsPerNode();
    return (int) (clientId % connections) + (resp3 ? connections : 0);
  }

  private boolean isResp3(int lane) {
    return lane >= settings.connectionsPerNode();
  }

  /** Opens the connections that requests of RESP2 clients would open. */
  public void preconnect() {
    assert worker.inThread();
    for (int i = 0; i < settings.connectionsPerNode(); i++) {
      if (shared[i] == null && !node.circuitOpen()) {
        connect(i);
      }
    }
  }

  /**
   * Sends a request, or fails it at once.
   *
   * @param buf holds the request; borrowed
   * @param index of its first byte
   * @param length bytes of it
   * @param request takes the reply
   * @param lane the client's {@link #lane}
   */
  public void send(ByteBuf buf, int index, int length, InFlight request, int lane) {
    BackendConnection connection = connectionFor(request, lane);
    if (connection != null) {
      recorder.requestBytes += length;
      connection.send(buf, index, length, request);
    }
  }

  /**
   * Begins a request whose bytes the caller writes.
   *
   * @return where they go, in this call's iteration; null if the request has failed
   */
  public @Nullable Outbound begin(InFlight request, int lane, int bytes) {
    BackendConnection connection = connectionFor(request, lane);
    if (connection == null) {
      return null;
    }
    recorder.requestBytes += bytes;
    connection.enqueue(request);
    return connection.outbound();
  }

  private @Nullable BackendConnection connectionFor(InFlight request, int lane) {
    assert worker.inThread();
    recorder.requests++;
    NodeFailure open = node.circuit();
    if (open != null) {
      refuse(request, open);
      return null;
    }
    BackendConnection connection = shared[lane];
    if (connection == null) {
      connection = connect(lane);
      if (connection == null) {
        NodeFailure failure = stopping ? stopped : lastFailure;
        refuse(request, failure == null ? unresolved : failure);
      }
    }
    return connection;
  }

  private void refuse(InFlight request, NodeFailure failure) {
    recorder.failed(failure.kind());
    request.onFailure(failure);
  }

  /** Whether the connection for {@code lane} has so much to send that feeders should pause. */
  public boolean overloaded(int lane) {
    BackendConnection connection = shared[lane];
    return connection != null && connection.overloaded();
  }

  /** Runs {@code task} when that is over. */
  public void whenDrained(int lane, Runnable task) {
    BackendConnection connection = shared[lane];
    if (connection == null) {
      task.run();
    } else {
      connection.whenDrained(task);
    }
  }

  private @Nullable BackendConnection connect(int slot) {
    if (stopping || !paceAllows()) {
      return null;
    }
    BackendConnection connection = open(new SharedOwner(slot), settingsOf(isResp3(slot)));
    if (connection != null) {
      shared[slot] = connection;
    }
    return connection;
  }

  private BackendSettings settingsOf(boolean resp3) {
    return resp3 ? resp3Settings : settings;
  }

  private boolean paceAllows() {
    long now = worker.tickMillis();
    long from = Math.max(pacedUntilTickMillis, now);
    int atOnce = Math.max(CONNECTS_AT_ONCE, 2 * shared.length);
    if (from - now > (atOnce - 1) * CONNECT_INTERVAL_MILLIS) {
      return false;
    }
    pacedUntilTickMillis = from + CONNECT_INTERVAL_MILLIS;
    return true;
  }

  /** Opens a connection; null if that has failed at once, for {@link #lastFailure}. */
  private @Nullable BackendConnection open(
      BackendConnection.Owner owner, BackendSettings connectionSettings) {
    SocketAddress address = node.address().current();
    if (address == null) {
      node.address().refresh();
      lastFailure = unresolved;
      return null;
    }
    Channel channel;
    try {
      channel = connector.channelTo(address);
    } catch (ChannelException e) { // no file descriptor is left: not the node's fault
      recorder.connectFailures++;
      lastFailure =
          node.failure(FailureKind.UNREACHABLE, "Cannot connect (" + e.getMessage() + ")");
      return null;
    }
    recorder.connects++;
    BackendConnection connection =
        new BackendConnection(worker, node, connectionSettings, recorder, owner, channel);
    channel.pipeline().addLast(connection);
    connector.connect(channel, address, connection::connectFailed);
    return connection.closed() ? null : connection; // a unix socket refuses at once
  }

  /**
   * Opens a connection of its own to send a request on while it is being received.
   *
   * @param request takes the reply
   * @param lane the client's {@link #lane}, for its protocol
   * @param onWritable runs when the node can take more after {@link RequestStream#writable()} was
   *     false
   * @return where the request goes; null if it has failed
   */
  public @Nullable RequestStream stream(InFlight request, int lane, Runnable onWritable) {
    assert worker.inThread();
    recorder.requests++;
    NodeFailure open = node.circuit();
    if (open != null) {
      refuse(request, open);
      return null;
    }
    boolean resp3 = isResp3(lane);
    ArrayDeque<BackendConnection> idle = resp3 ? idleResp3 : idleResp2;
    BackendConnection connection = idle.poll();
    if (connection == null && !stopping) {
      connection = open(new PinnedOwner(idle), settingsOf(resp3));
      if (connection != null) {
        others.add(connection);
      }
    }
    if (connection == null) {
      NodeFailure failure = stopping ? stopped : lastFailure;
      refuse(request, failure == null ? unresolved : failure);
      return null;
    }
    connection.enqueue(request);
    connection.beginSending();
    return new RequestStream(connection, recorder, onWritable);
  }

  /**
   * Asks the node whether it is there, on a connection of its own: handshake, then PING.
   *
   * @param done hears the answer on this worker's thread: null if the node may have requests
   */
  public void probe(Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    recorder.probes++;
    BackendSettings finite = settings.withTimeoutMillis(settings.finiteTimeoutMillis());
    ProbeOwner owner = new ProbeOwner(done);
    BackendConnection connection = open(owner, finite);
    if (connection != null) {
      others.add(connection);
    } else if (!owner.told) {
      NodeFailure failure = lastFailure;
      done.accept(failure == null ? unresolved : failure);
    }
  }

  @Override
  public void onTick(long tickMillis) {
    long queued = 0;
    for (BackendConnection connection : shared) {
      if (connection != null) {
        connection.onTick(tickMillis);
        queued += connection.queuedBytes();
      }
    }
    for (BackendConnection connection : List.copyOf(others)) {
      connection.onTick(tickMillis);
      queued += connection.queuedBytes();
    }
    recorder.queuedBytes = queued;
    if (subscriber != null) {
      subscriber.onTick(tickMillis);
    }
  }

  /**
   * Begins to listen to the node for the clients of this worker, on a connection of its own that is
   * opened when there is something to listen to. Once.
   */
  public Subscriber subscribe(SubscriberSettings subscriberSettings, Subscriber.Listener listener) {
    assert worker.inThread() && subscriber == null;
    Subscriber listening =
        new Subscriber(worker, node, settings, subscriberSettings, recorder, connector, listener);
    subscriber = listening;
    return listening;
  }

  /** Closes every connection and opens no more; what is in flight fails. */
  public void close() {
    assert worker.inThread();
    stopping = true;
    if (subscriber != null) {
      subscriber.close();
    }
    for (BackendConnection connection : shared) {
      if (connection != null) {
        connection.fail(stopped, false);
      }
    }
    for (BackendConnection connection : List.copyOf(others)) {
      connection.fail(stopped, false);
    }
  }

  /** Tells the circuit of what ended a connection. */
  private void report(NodeFailure cause, boolean early) {
    lastFailure = cause;
    if (stopping) {
      return;
    }
    node.address().refresh();
    if (cause.kind() == FailureKind.TIMEOUT) {
      node.timedOut(cause);
    } else if (early) {
      node.fail(cause);
    }
  }

  private final class SharedOwner implements BackendConnection.Owner {
    private final int slot;

    SharedOwner(int slot) {
      this.slot = slot;
    }

    @Override
    public void onReady(BackendConnection connection) {}

    @Override
    public void onIdle(BackendConnection connection) {}

    @Override
    public void onClosed(BackendConnection connection, NodeFailure cause, boolean early) {
      shared[slot] = null;
      report(cause, early);
    }
  }

  /** A connection leased to one request at a time. */
  private final class PinnedOwner implements BackendConnection.Owner {
    private final ArrayDeque<BackendConnection> idle;

    PinnedOwner(ArrayDeque<BackendConnection> idle) {
      this.idle = idle;
    }

    @Override
    public void onReady(BackendConnection connection) {}

    @Override
    public void onIdle(BackendConnection connection) {
      if (idle.size() < MAX_IDLE_PINNED) {
        idle.push(connection);
      } else {
        connection.fail(stopped, false);
      }
    }

    @Override
    public void onClosed(BackendConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
      idle.remove(connection);
      boolean nodesFault =
          cause.kind() != FailureKind.STOPPING && cause.kind() != FailureKind.ABANDONED;
      if (nodesFault) {
        report(cause, early);
      }
    }
  }

  /** A connection that is closed when it has said what the node says to PING. */
  private final class ProbeOwner implements BackendConnection.Owner {
    private final Consumer<@Nullable NodeFailure> done;
    private @Nullable NodeFailure result;
    private boolean answered;
    private boolean told;

    ProbeOwner(Consumer<@Nullable NodeFailure> done) {
      this.done = done;
    }

    @Override
    public void onReady(BackendConnection connection) {
      connection.enqueue(
          new TextReply(
              text -> {
                answered = true;
                // Other errors, such as NOAUTH, come from a node that is well; its clients see
                // them.
                boolean busy = text.startsWith("-LOADING") || text.startsWith("-MASTERDOWN");
                result = busy ? node.failure(FailureKind.CLOSED, text.substring(1)) : null;
              }));
      connection.outbound().write(PING, 0, PING.length);
    }

    @Override
    public void onIdle(BackendConnection connection) {
      connection.fail(stopped, false);
    }

    @Override
    public void onClosed(BackendConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
      if (!answered) {
        node.address().refresh();
      }
      told = true;
      done.accept(answered ? result : cause);
    }
  }
}
