package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Descriptors;
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
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
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
  private static final int MAX_IDLE_PINNED = 64;

  /** A script that takes longer than this may be one that does not end. */
  private static final long LONG_SCRIPT_MILLIS = 100;

  /** What each large request may leave unsent, however many there are. */
  private static final int STREAM_SHARE_BYTES = 64 << 10;

  /** What happened to a request whose client has left. */
  static final NodeFailure ABANDONED =
      NodeFailure.of(FailureKind.ABANDONED, "The client left before the reply");

  static final byte[] PING = Replies.bytes("*1\r\n$4\r\nPING\r\n");

  private final Worker worker;
  private final Node node;
  private BackendSettings settings;
  private final NodeRecorder recorder;
  private final Sockets sockets;
  private final Descriptors descriptors;
  private Connector connector;
  private @Nullable Subscriber subscriber;

  /** Replies are never translated: of each kind there are connections of its own. */
  private final @Nullable RequestConnection[] shared;

  /** What is said first on connections of a kind; made when the first is opened. */
  private final @Nullable BackendSettings[] settingsOfKind;

  /** Leased and probing connections, idle ones included. */
  private final List<RequestConnection> others = new ArrayList<>();

  private final WaitWatches waits = new WaitWatches(this);

  /** Large requests that wait until others have been taken. */
  private final List<BooleanSupplier> waitingForRoom = new ArrayList<>();

  /** Pinned connections of a kind that nobody has. */
  private final @Nullable ArrayDeque<RequestConnection>[] idle;

  /** Of each kind, how many leases of the node this worker has taken note of. */
  private final long[] leasesSeen;

  /**
   * The {@link Node#period} in which each shared connection was opened last, 0 if it never was: in
   * the same it is opened again at a pace.
   */
  private final int[] openedInPeriod;

  private final Waiters waiters;

  /** When each shared connection ended last, in ticks of the worker; below 0: none did. */
  private final long[] endedTickMillis;

  /** What {@link Node#longScript} was told last. */
  private boolean inLongScript;

  private boolean stopping;

  /** No new requests come: each connection is closed when it has its replies. */
  private boolean retired;

  private @Nullable NodeFailure lastFailure;
  private NodeFailure pinnedFailure;
  private final NodeFailure unresolved;
  private final NodeFailure stopped;
  private final NodeFailure gone;

  /**
   * A backend without connections.
   *
   * @param worker whose thread this is confined to
   * @param node the node
   * @param settings of its pool
   * @param recorder counts for this node on this worker
   * @param sockets makes channels
   * @param descriptors of which connections take that only some clients need
   */
  public Backend(
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
    int kinds = Lane.kinds(settings.databases());
    shared = new RequestConnection[kinds * settings.connectionsPerNode()];
    openedInPeriod = new int[shared.length];
    endedTickMillis = new long[shared.length];
    Arrays.fill(endedTickMillis, -1);
    settingsOfKind = new BackendSettings[kinds];
    idle = newDeques(kinds);
    leasesSeen = new long[kinds];
    waiters = new Waiters(node, worker.index());
    unresolved = node.unresolved();
    stopped = node.failure(FailureKind.STOPPING, "The proxy is stopping");
    gone =
        node.failure(
            FailureKind.STOPPING, "The configuration no longer has the node at this address");
    pinnedFailure = unresolved;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there is no other way to make such an array
  private static @Nullable ArrayDeque<RequestConnection>[] newDeques(int length) {
    return new ArrayDeque[length];
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /** What is counted for the node on this worker; others may read it, as a scrape does. */
  public NodeRecorder recorder() {
    return recorder;
  }

  /**
   * Which of the shared connections a client's requests take: always the same, so that they are
   * executed in the order sent, and one that speaks the client's protocol.
   *
   * @param clientId the client's
   * @param resp3 whether replies are to come in RESP3
   * @param database that is to be selected, below {@link #databases()}
   */
  public Lane lane(long clientId, boolean resp3, int database) {
    return new Lane(clientId, settings.connectionsPerNode(), resp3, database, null);
  }

  /** How many databases a client may choose from. */
  public int databases() {
    return settings.databases();
  }

  /**
   * Has other limits and another time-out from now on, on connections that are open, too.
   *
   * @param newer differs from what was given before in nothing else: what else there is of a
   *     connection takes a backend of its own
   */
  public void adopt(BackendSettings newer) {
    assert worker.inThread();
    settings = newer;
    Arrays.fill(settingsOfKind, null);
    connector = new Connector(worker, node, newer, sockets, descriptors);
    for (RequestConnection connection : shared) {
      if (connection != null) {
        connection.adopt(newer);
      }
    }
    others.forEach(connection -> connection.adopt(newer));
    if (subscriber != null) {
      subscriber.adopt(newer, connector);
    }
  }

  /**
   * Takes no more requests, but for those that belong to what is under way: the node is taken out
   * of the configuration, or another backend is in its place. Each connection is closed when it has
   * the replies that it waits for, also one that is lent. Messages are listened to until {@link
   * #close}.
   */
  public void retire() {
    beginRetirement();
    for (RequestConnection connection : shared) {
      if (connection != null) {
        retire(connection);
      }
    }
    List.copyOf(others).forEach(this::retire);
  }

  /** Says that {@link #retire} is about to be called, to those who look before it is. */
  public void beginRetirement() {
    assert worker.inThread();
    retired = true;
    lastFailure = gone;
  }

  private void retire(RequestConnection connection) {
    if (!connection.owes() && connection.endsWithItsBackend()) {
      connection.fail(gone, false);
    }
  }

  /** Whether {@link #retire} was called. */
  public boolean retired() {
    return retired;
  }

  /** Whether nothing is under way on it any more. */
  public boolean drained() {
    assert worker.inThread();
    for (RequestConnection connection : shared) {
      if (connection != null) {
        return false;
      }
    }
    return others.isEmpty();
  }

  /** Has the node answer on the connection that listens: it may owe messages published earlier. */
  public void hearOut() {
    assert worker.inThread();
    if (subscriber != null) {
      subscriber.ping();
    }
  }

  /** Whether it has answered since {@link #hearOut}. */
  public boolean heardOut() {
    assert worker.inThread();
    return subscriber == null || subscriber.owesNothing();
  }

  /** Opens the connections that requests of RESP2 clients would open. */
  public void preconnect() {
    assert worker.inThread();
    for (int i = 0; i < settings.connectionsPerNode(); i++) {
      if (shared[i] == null && !node.circuitOpen()) {
        connect(lane(i, false, 0));
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
  public void send(ByteBuf buf, int index, int length, InFlight request, Lane lane) {
    RequestConnection connection = connectionFor(request, lane);
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
  public @Nullable Outbound begin(InFlight request, Lane lane, int bytes) {
    RequestConnection connection = connectionFor(request, lane);
    if (connection == null) {
      return null;
    }
    recorder.requestBytes += bytes;
    connection.enqueue(request);
    return connection.outbound();
  }

  private @Nullable RequestConnection connectionFor(InFlight request, Lane lane) {
    assert worker.inThread();
    recorder.requests++;
    NodeFailure open = node.circuit();
    if (open != null) {
      refuse(request, open);
      return null;
    }
    if (lane.tracker != null) {
      return ownConnection(request, lane.tracker);
    }
    RequestConnection connection = shared[lane.index];
    if (connection == null) {
      connection = connect(lane);
      if (connection == null) {
        NodeFailure failure = stopping ? stopped : lastFailure;
        refuse(request, failure == null ? unresolved : failure);
      }
    }
    return connection;
  }

  private @Nullable RequestConnection ownConnection(InFlight request, Tracker tracker) {
    RequestConnection connection = tracker.connection(this);
    if (connection == null) {
      refuse(request, notTracking());
    }
    return connection;
  }

  private NodeFailure notTracking() {
    return node.failure(
        FailureKind.CLOSED, "The connection on which keys are tracked is being made anew");
  }

  private void refuse(InFlight request, NodeFailure failure) {
    recorder.failed(failure.kind());
    request.onFailure(failure);
  }

  /** Whether the connection for {@code lane} has so much to send that feeders should pause. */
  public boolean overloaded(Lane lane) {
    RequestConnection connection = connectionOf(lane);
    return connection != null && connection.overloaded();
  }

  private @Nullable RequestConnection connectionOf(Lane lane) {
    return lane.tracker == null ? shared[lane.index] : lane.tracker.existing(this);
  }

  /** Runs {@code task} when that is over. */
  public void whenDrained(Lane lane, Runnable task) {
    RequestConnection connection = connectionOf(lane);
    if (connection == null) {
      task.run();
    } else {
      connection.whenDrained(task);
    }
  }

  private @Nullable RequestConnection connect(Lane lane) {
    if (stopping || !paceAllows(lane)) {
      return null;
    }
    // Those of the first kind are set aside from the beginning.
    boolean counted = lane.kind() > 0;
    RequestConnection connection =
        open(new SharedOwner(lane), settingsOf(lane.resp3, lane.database), counted);
    if (connection != null) {
      shared[lane.index] = connection;
    }
    return connection;
  }

  private boolean paceAllows(Lane lane) {
    int period = node.period();
    int openedIn = openedInPeriod[lane.index];
    openedInPeriod[lane.index] = period;
    if (openedIn == 0) {
      node.connectPace().countFirst();
    }
    return openedIn != period || node.connectPace().tryTake(worker.nowNanos());
  }

  private BackendSettings settingsOf(boolean resp3, int database) {
    int kind = Lane.kind(resp3, database);
    BackendSettings of = settingsOfKind[kind];
    if (of == null) {
      of = settings.speaking(resp3, database);
      settingsOfKind[kind] = of;
    }
    return of;
  }

  /**
   * Opens a connection.
   *
   * @param counted whether its descriptor comes out of the clients' part
   * @return null if that has failed at once, for {@link #lastFailure}
   */
  private @Nullable RequestConnection open(
      RequestConnection.Owner owner, BackendSettings connectionSettings, boolean counted) {
    return open(owner, connectionSettings, counted, null);
  }

  /** The same, to a server that need not be where the node is now; null: where it is. */
  private @Nullable RequestConnection open(
      RequestConnection.Owner owner,
      BackendSettings connectionSettings,
      boolean counted,
      @Nullable SocketAddress server) {
    if (stopping) { // nobody would close it
      lastFailure = stopped;
      return null;
    }
    SocketAddress address = server == null ? node.address().current() : server;
    if (address == null) {
      node.address().refresh();
      lastFailure = unresolved;
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
   * Opens a connection of its own to send a request on while it is being received.
   *
   * @param request takes the reply
   * @param lane the client's {@link #lane}, for its protocol
   * @param onWritable runs when the node can take more after {@link RequestStream#writable()} was
   *     false
   * @return where the request goes; null if it has failed
   */
  public @Nullable RequestStream stream(InFlight request, Lane lane, Runnable onWritable) {
    assert worker.inThread();
    recorder.requests++;
    RequestConnection connection = pinned(lane, true);
    if (connection == null) {
      refuse(request, pinnedFailure);
      return null;
    }
    connection.enqueue(request);
    connection.beginSending();
    return new RequestStream(this, connection, recorder, onWritable);
  }

  /**
   * Whether the node may be sent more of a large request. All of them together leave as much unsent
   * as one connection may; each may have a little, or those that came first would keep it all.
   */
  boolean roomFor(RequestConnection stream) {
    if (stream.queuedBytes() < STREAM_SHARE_BYTES) {
      return true;
    }
    long unsent = 0;
    for (RequestConnection connection : others) {
      unsent += connection.sending() ? connection.queuedBytes() : 0;
    }
    return unsent < settings.unsentBytes();
  }

  /** Calls {@code stream} at each tick until it says that it need not wait any more. */
  void waitForRoom(BooleanSupplier stream) {
    waitingForRoom.add(stream);
  }

  /**
   * Lends a connection.
   *
   * @param lane the client's, for its protocol and database
   * @return the connection; null if there is none, see {@link #leaseFailure}
   */
  public @Nullable Lease lease(Lane lane) {
    return lease(lane, pinned(lane, true));
  }

  /** Lends a connection on which nothing has been sent; it is closed when it is given back. */
  public @Nullable Lease leaseNew(Lane lane) {
    Lease lease = lease(lane, pinned(lane, false));
    if (lease != null) {
      lease.changed();
    }
    return lease;
  }

  private @Nullable Lease lease(Lane lane, @Nullable RequestConnection connection) {
    assert worker.inThread();
    if (connection == null) {
      recorder.failed(pinnedFailure.kind());
      return null;
    }
    node.leased(lane.kind());
    connection.beginLease();
    return new Lease(this, connection, recorder, lane);
  }

  /** A client begins to wait for what a blocking command on a connection that it was lent gives. */
  void watchWait(RequestConnection lent, Lane lane) {
    waits.begin(lent, lane, worker.tickMillis());
  }

  long tickMillis() {
    return worker.tickMillis();
  }

  /** Why {@link #lease} gave none. */
  public NodeFailure leaseFailure() {
    return pinnedFailure;
  }

  /**
   * A connection that nobody else uses; null if there is none, for {@link #pinnedFailure}.
   *
   * @param used whether others may have used it before
   */
  private @Nullable RequestConnection pinned(Lane lane, boolean used) {
    NodeFailure open = node.circuit();
    if (open != null) {
      pinnedFailure = open;
      return null;
    }
    if (lane.tracker != null) {
      pinnedFailure = notTracking();
      return lane.tracker.connection(this);
    }
    RequestConnection connection = used ? idle(lane.kind()).poll() : null;
    if (connection != null) {
      return connection;
    }
    if (stopping) {
      pinnedFailure = stopped;
    } else if (others.size() >= settings.pinnedMax()) {
      pinnedFailure =
          node.failure(
              FailureKind.OVERLOADED,
              "Too many transactions, blocking commands and large requests at one time"
                  + " (limits.pinned-per-node is "
                  + settings.pinnedMax()
                  + ")");
    } else if (!descriptors.anyLeft()) {
      pinnedFailure =
          node.failure(
              FailureKind.OVERLOADED,
              "Too many connections for transactions, blocking commands and large requests (the limit"
                  + " of open files is reached)");
    } else {
      connection = openPinned(lane.resp3, lane.database, false);
      if (connection != null) {
        return connection;
      }
      NodeFailure failure = lastFailure;
      pinnedFailure = failure == null ? unresolved : failure;
    }
    return null;
  }

  private ArrayDeque<RequestConnection> idle(int kind) {
    ArrayDeque<RequestConnection> free = idle[kind];
    if (free == null) {
      idle[kind] = free = new ArrayDeque<>();
    }
    return free;
  }

  private @Nullable RequestConnection openPinned(boolean resp3, int database, boolean spare) {
    int kind = Lane.kind(resp3, database);
    RequestConnection connection =
        open(new PinnedOwner(idle(kind), spare), settingsOf(resp3, database), true);
    if (connection != null) {
      others.add(connection);
    }
    return connection;
  }

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
    boolean room = others.size() < settings.pinnedMax() / 2 && descriptors.anyLeft();
    if (room && idle(kind).isEmpty() && !stopping && !node.circuitOpen()) {
      openPinned(Lane.resp3(kind), Lane.database(kind), true);
    }
  }

  /**
   * Opens a connection for one client until it ends.
   *
   * @param pushes takes what the node sends without having been asked
   * @param receives whether nothing is asked on it, so that having all replies is not its end
   * @param ended runs when it has ended
   * @return the connection; null if there is none
   */
  @Nullable RequestConnection openOwn(
      boolean resp3, int database, boolean receives, ReplyFeed.PushSink pushes, Runnable ended) {
    boolean room = others.size() < settings.pinnedMax() && descriptors.anyLeft();
    if (stopping || retired || node.circuitOpen() || !room) {
      return null;
    }
    RequestConnection connection =
        open(new OwnOwner(receives, ended), settings.speaking(resp3, database), true);
    if (connection != null) {
      others.add(connection);
      connection.acceptPushes(pushes);
    }
    return connection;
  }

  /** Fails a request for a leased connection that has ended. */
  void refuseLost(InFlight request) {
    NodeFailure failure = lastFailure;
    refuse(request, failure == null ? stopped : failure);
  }

  /**
   * Whether what clients of a lane have sent to the node since then has gone over the shared
   * connection that there is now, or over none.
   *
   * @param tickMillis in ticks of the worker
   */
  public boolean hasBeenConnectedSince(Lane lane, long tickMillis) {
    return lane.tracker == null && endedTickMillis[lane.index] < tickMillis;
  }

  Waiters waiters() {
    return waiters;
  }

  /**
   * Runs {@code task} when the node has forgotten all clients of this worker that have left while
   * they were waiting for a key; at once if there are none.
   */
  public void whenForgotten(Runnable task) {
    assert worker.inThread();
    waiters.whenForgotten(task);
  }

  /**
   * Sends a command of the proxy's own on a shared connection.
   *
   * @param reply is given what the node says, a line
   * @param failed runs if it says nothing
   */
  public void ask(Lane lane, byte[] command, Consumer<String> reply, Runnable failed) {
    assert worker.inThread();
    RequestConnection connection = shared[lane.index];
    ask(connection == null ? connect(lane) : connection, command, reply, failed);
  }

  /**
   * The same to the server of a connection that is lent, on another one: the shared connection, or,
   * if the name of the node has moved meanwhile, one of its own. What one server calls a connection
   * is another's on the next.
   */
  void askServerOf(
      RequestConnection lent, Lane lane, byte[] command, Consumer<String> reply, Runnable failed) {
    if (node.address().moved()) {
      ask(openForOneAnswer(lane, lent.server()), command, reply, failed);
    } else {
      ask(lane, command, reply, failed);
    }
  }

  private static void ask(
      @Nullable RequestConnection connection,
      byte[] command,
      Consumer<String> reply,
      Runnable failed) {
    if (connection == null) {
      failed.run();
      return;
    }
    connection.enqueue(new TextReply(reply, failed));
    connection.outbound().write(command, 0, command.length);
  }

  private @Nullable RequestConnection openForOneAnswer(Lane lane, @Nullable SocketAddress server) {
    RequestConnection connection =
        server == null
            ? null
            : open(new OneAnswerOwner(), settingsOf(lane.resp3, lane.database), true, server);
    if (connection != null) {
      others.add(connection);
    }
    return connection;
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
    RequestConnection connection = open(owner, finite, false);
    if (connection != null) {
      others.add(connection);
    } else if (!owner.told) {
      NodeFailure failure = lastFailure;
      done.accept(failure == null ? unresolved : failure);
    }
  }

  /** Asks the node what the proxy itself wants to know, on a connection of its own. */
  public void inquire(Inquiry inquiry) {
    assert worker.inThread();
    inquiry.whenClosed(others::remove);
    BackendSettings finite = settings.withTimeoutMillis(settings.finiteTimeoutMillis());
    RequestConnection connection =
        retired || node.circuitOpen() ? null : open(inquiry, finite, false);
    if (connection != null) {
      others.add(connection);
    } else {
      inquiry.refused();
    }
  }

  @Override
  public void onTick(long tickMillis) {
    long queued = 0;
    boolean longScript = false;
    // One that comes right after a long one may be the next that does not end.
    long scriptMillis = inLongScript ? 0 : LONG_SCRIPT_MILLIS;
    for (RequestConnection connection : shared) {
      if (connection != null) {
        connection.onTick(tickMillis);
        queued += connection.queuedBytes();
        longScript |= connection.mayRunScriptFor(scriptMillis, tickMillis);
      }
    }
    inLongScript(longScript);
    for (RequestConnection connection : List.copyOf(others)) {
      connection.onTick(tickMillis);
      queued += connection.queuedBytes();
    }
    waits.onTick(tickMillis);
    if (!retired) { // else another backend counts for the node
      recorder.queuedBytes = queued;
      keepSpares();
    }
    for (BooleanSupplier stream : List.copyOf(waitingForRoom)) {
      if (stream.getAsBoolean()) {
        waitingForRoom.remove(stream);
      }
    }
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

  /**
   * Goes on with what another backend of the same server listens to, on its connection: so that no
   * message is missed, and none comes twice.
   */
  public void listenInsteadOf(Backend other) {
    assert worker.inThread() && subscriber == null;
    Subscriber listening = other.subscriber;
    other.subscriber = null;
    subscriber = listening;
    if (listening != null) {
      listening.belongsTo(node, settings, recorder, connector);
    }
  }

  /** Closes every connection and opens no more; what is in flight fails. */
  public void close() {
    assert worker.inThread();
    stopping = true;
    inLongScript(false);
    NodeFailure why = retired ? gone : stopped;
    if (subscriber != null) {
      subscriber.close();
    }
    for (RequestConnection connection : shared) {
      if (connection != null) {
        connection.fail(why, false);
      }
    }
    for (RequestConnection connection : List.copyOf(others)) {
      connection.fail(why, false);
    }
  }

  private void inLongScript(boolean now) {
    if (now != inLongScript) {
      inLongScript = now;
      node.longScript(now);
    }
  }

  /** Tells the circuit of what ended a connection. */
  private void report(NodeFailure cause, boolean early) {
    lastFailure = cause;
    if (stopping || retired) {
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

  private final class SharedOwner implements RequestConnection.Owner {
    private final Lane lane;

    SharedOwner(Lane lane) {
      this.lane = lane;
    }

    @Override
    public void onReady(RequestConnection connection) {}

    @Override
    public void onIdle(RequestConnection connection) {
      if (retired) {
        connection.fail(gone, false);
      }
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      shared[lane.index] = null;
      endedTickMillis[lane.index] = worker.tickMillis();
      report(cause, early);
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

  /** A connection that one large request, or one client for a while, has to itself. */
  private final class PinnedOwner implements RequestConnection.Owner {
    private final ArrayDeque<RequestConnection> idle;
    private final boolean spare;

    PinnedOwner(ArrayDeque<RequestConnection> idle, boolean spare) {
      this.idle = idle;
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
      if (retired) {
        connection.fail(gone, false);
        return;
      }
      boolean known = spare && idle.contains(connection); // ready, and then done with a handshake
      if (connection.leased() || known) {
        return;
      }
      if (idle.size() < MAX_IDLE_PINNED) {
        idle.push(connection);
      } else {
        connection.fail(stopped, false);
      }
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
      idle.remove(connection);
      boolean nodesFault =
          cause.kind() != FailureKind.STOPPING && cause.kind() != FailureKind.ABANDONED;
      if (nodesFault) {
        report(cause, early);
      }
    }
  }

  /** A connection of one client's own. */
  private final class OwnOwner implements RequestConnection.Owner {
    private final boolean receives;
    private final Runnable ended;

    OwnOwner(boolean receives, Runnable ended) {
      this.receives = receives;
      this.ended = ended;
    }

    @Override
    public void onReady(RequestConnection connection) {}

    @Override
    public void onIdle(RequestConnection connection) {
      if (retired && !receives) {
        connection.fail(gone, false);
      }
    }

    @Override
    public boolean endsWithItsBackend() {
      return !receives;
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
      if (cause.kind() != FailureKind.STOPPING && cause.kind() != FailureKind.ABANDONED) {
        report(cause, early);
      }
      ended.run();
    }
  }

  /** A connection that is closed when what was asked on it is answered. */
  private final class OneAnswerOwner implements RequestConnection.Owner {
    @Override
    public void onReady(RequestConnection connection) {}

    @Override
    public void onIdle(RequestConnection connection) {
      connection.fail(stopped, false);
    }

    /** It says nothing of where the node is now. */
    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
    }
  }

  /** A connection that is closed when it has said what the node says to PING. */
  private final class ProbeOwner implements RequestConnection.Owner {
    private final Consumer<@Nullable NodeFailure> done;
    private @Nullable NodeFailure result;
    private boolean answered;
    private boolean told;

    ProbeOwner(Consumer<@Nullable NodeFailure> done) {
      this.done = done;
    }

    @Override
    public void onReady(RequestConnection connection) {
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
    public void onIdle(RequestConnection connection) {
      connection.fail(stopped, false);
    }

    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      others.remove(connection);
      if (!answered) {
        node.address().refresh();
      }
      told = true;
      done.accept(answered ? result : cause);
    }
  }
}
