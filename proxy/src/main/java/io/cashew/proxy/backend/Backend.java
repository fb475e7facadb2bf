package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.memcached.ReplyShape;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Our side of a node on one worker: its connections, opened when they are first needed. Confined to
 * the worker.
 *
 * <p>All requests of one client go to one of the {@link SharedConnections}, so they are executed in
 * the order sent. What needs a connection for itself takes one of the {@link PinnedConnections};
 * what the proxy itself asks is among the {@link ServerQueries}. While the node's circuit is open,
 * a request fails at once.
 */
public final class Backend implements TickListener {
  private final Worker worker;
  private final Node node;
  private final NodeRecorder recorder;
  private final Opener opener;
  private final SharedConnections shared;
  private final PinnedConnections pinned;
  private final ServerQueries queries;
  private final LongScripts longScripts;
  private final Waiters waiters;
  private final WaitWatches waits;
  private final Askings askings = new Askings();
  private final Subscribers subscribers = new Subscribers();

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
    this.recorder = recorder;
    opener = new Opener(worker, node, settings, recorder, sockets, descriptors);
    shared = new SharedConnections(worker, node, opener);
    pinned = new PinnedConnections(worker, node, opener);
    queries = new ServerQueries(node, opener, shared);
    longScripts = new LongScripts(node, shared);
    waiters = new Waiters(node, worker.index());
    waits = new WaitWatches(worker, node, queries);
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
    return new Lane(clientId, opener.settings().connectionsPerNode(), resp3, database, null);
  }

  /** Whether requests without keys of their own are about the same data as another's. */
  public boolean hasSameDataAs(Backend other) {
    return node.isSameServerAs(other.node)
        && opener.settings().beginsInDatabaseOf(other.opener.settings());
  }

  /** How many databases a client may choose from. */
  public int databases() {
    return opener.settings().databases();
  }

  /** How long a request may take; 0: as long as it likes. */
  public long timeoutMillis() {
    return opener.settings().timeoutMillis();
  }

  /** Whether the calling thread is the worker's. */
  boolean inThread() {
    return worker.inThread();
  }

  // ---------------------------------------------------------------- requests

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
   * Sends a request behind {@code ASKING}, whose reply nobody gets, with nothing in between: the
   * server takes it though the slot of its keys is still on the way there. See {@link #send}.
   */
  public void sendAsking(ByteBuf buf, int index, int length, InFlight request, Lane lane) {
    RequestConnection connection = connectionFor(request, lane);
    if (connection != null) {
      recorder.requestBytes += length;
      connection.send(OwnCommands.ASKING, askings.take());
      connection.send(buf, index, length, request);
    }
  }

  /**
   * Sends a request to which a memcached server may say nothing, and behind it one that it answers,
   * which nobody gets. See {@link #send}.
   */
  public void sendQuiet(ByteBuf buf, int index, int length, InFlight request, Lane lane) {
    RequestConnection connection = connectionFor(request, lane);
    if (connection != null) {
      recorder.requestBytes += length;
      connection.send(buf, index, length, request);
      InFlight answered = askings.take();
      answered.expected().begin(ReplyShape.META_NOOP);
      connection.send(OwnCommands.META_NOOP, answered);
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
    request.goesTo(node);
    lane.goesTo(node);
    recorder.requests++;
    NodeFailure open = node.circuit();
    if (open != null) {
      refuse(request, open);
      return null;
    }
    OwnConnections own = lane.own;
    RequestConnection connection = own == null ? shared.get(lane) : own.connection(node);
    if (connection == null) {
      refuse(request, own == null ? opener.whyNone() : notTracking());
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
    return lane.own == null ? shared.existing(lane) : lane.own.existing(node);
  }

  /** Runs {@code task} when that is over. */
  public void whenDrained(Lane lane, Runnable task) {
    assert worker.inThread();
    RequestConnection connection = connectionOf(lane);
    if (connection == null) {
      task.run();
    } else {
      connection.whenDrained(task);
    }
  }

  /** Opens the connections that requests of RESP2 clients would open. */
  public void preconnect() {
    assert worker.inThread();
    for (int i = 0; i < opener.settings().connectionsPerNode(); i++) {
      if (!node.circuitOpen()) {
        shared.get(lane(i, false, 0));
      }
    }
  }

  /**
   * Whether what clients of a lane have sent to the node since then has gone over the shared
   * connection that there is now, or over none.
   *
   * @param tickMillis in ticks of the worker
   */
  public boolean hasBeenConnectedSince(Lane lane, long tickMillis) {
    return lane.own == null && shared.hasBeenConnectedSince(lane, tickMillis);
  }

  // ---------------------------------------------------------------- connections for one alone

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
    request.goesTo(node);
    recorder.requests++;
    RequestConnection connection = pinned(lane, true);
    if (connection == null) {
      refuse(request, leaseFailure());
      return null;
    }
    connection.enqueue(request);
    connection.beginSending();
    return new RequestStream(pinned, connection, recorder, onWritable);
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
    if (connection == null) {
      recorder.failed(leaseFailure().kind());
      return null;
    }
    node.leased(lane.kind());
    return new Lease(this, connection, lane, queries, waiters, waits);
  }

  private @Nullable RequestConnection pinned(Lane lane, boolean used) {
    OwnConnections own = lane.own;
    if (own == null) {
      return pinned.take(lane, used);
    }
    NodeFailure open = node.circuit();
    RequestConnection connection = open == null ? own.connection(node) : null;
    if (connection == null) {
      pinned.refuse(open == null ? notTracking() : open);
    }
    return connection;
  }

  /** Why {@link #lease} gave none. */
  public NodeFailure leaseFailure() {
    return pinned.refusal();
  }

  /** Opens a connection for one client until it ends; see {@link PinnedConnections#openOwn}. */
  @Nullable RequestConnection openOwn(
      boolean resp3, int database, boolean receives, ReplyFeed.PushSink pushes, Runnable ended) {
    return pinned.openOwn(resp3, database, receives, pushes, ended);
  }

  /**
   * Opens a connection on which the node tells the proxy itself of what has changed; see {@link
   * PinnedConnections#openForProxy}.
   */
  @Nullable RequestConnection openForProxy(ReplyFeed.PushSink pushes, Runnable ended) {
    return pinned.openForProxy(pushes, ended);
  }

  /** Fails a request for a leased connection that has ended. */
  void refuseLost(InFlight request) {
    refuse(request, opener.whyNone());
  }

  /**
   * Waits until the node has forgotten all clients of this worker that have left while they were
   * waiting for a key.
   *
   * @param done takes null, or why the node has not answered; within this call if there are none
   */
  public void whenForgotten(Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    waiters.whenForgotten(done);
  }

  // ---------------------------------------------------------------- the proxy's own questions

  /**
   * Sends a command of the proxy's own on a shared connection.
   *
   * @param reply is given what the node says, a line
   * @param failed is told why it says nothing
   */
  public void ask(Lane lane, byte[] command, Consumer<String> reply, Consumer<NodeFailure> failed) {
    assert worker.inThread();
    queries.ask(lane, command, reply, failed);
  }

  /**
   * Asks the node whether it is there, on a connection of its own: handshake, then PING.
   *
   * @param done is told the answer on this worker's thread: null if the node may have requests
   */
  public void probe(Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    recorder.probes++;
    queries.probe(done);
  }

  /** Asks the node what the proxy itself wants to know, on a connection of its own. */
  public void query(ServerQuery query) {
    assert worker.inThread();
    queries.query(query);
  }

  // ---------------------------------------------------------------- messages

  /**
   * Begins to listen to the node for the clients of a pool on this worker, on a connection of its
   * own that is opened when there is something to listen to. Once for each pool.
   */
  public Subscriber subscribe(SubscriberSettings subscriberSettings, Subscriber.Listener listener) {
    assert worker.inThread();
    Subscriber listening =
        new Subscriber(
            worker,
            node,
            opener.settings(),
            subscriberSettings,
            recorder,
            opener.connector(),
            listener);
    subscribers.add(listening);
    return listening;
  }

  /**
   * Continues with what another backend of the same server listens to, on its connection: so that
   * no message is missed, and none comes twice.
   */
  public void listenInsteadOf(Backend other, Subscriber listening) {
    assert worker.inThread();
    other.subscribers.remove(listening);
    subscribers.add(listening);
    listening.belongsTo(node, opener.settings(), recorder, opener.connector());
  }

  /** Ends what {@link #subscribe} has begun. */
  public void unsubscribe(Subscriber listening) {
    assert worker.inThread();
    subscribers.remove(listening);
    listening.close();
  }

  /** Has the node answer on the connection that listens: it may owe messages published earlier. */
  public void awaitPublished() {
    assert worker.inThread();
    subscribers.each(Subscriber::ping);
  }

  /** Whether all that was published before {@link #awaitPublished} has come. */
  public boolean publishedHasCome() {
    assert worker.inThread();
    return subscribers.oweNothing();
  }

  // ---------------------------------------------------------------- time, changes, the end

  @Override
  public void onTick(long tickMillis) {
    long queued = shared.onTick(tickMillis);
    longScripts.onTick(tickMillis);
    queued += pinned.onTick(tickMillis);
    queued += queries.onTick(tickMillis);
    waits.onTick(tickMillis);
    if (!opener.retired() && !node.isReplica()) { // else another backend counts for the node
      recorder.queuedBytes = queued;
    }
    subscribers.onTick(tickMillis);
  }

  /**
   * Has other limits and another time-out from now on, on connections that are open, too.
   *
   * @param newer differs from what was given before in nothing else: what else there is of a
   *     connection takes a backend of its own
   */
  public void adopt(BackendSettings newer) {
    assert worker.inThread();
    opener.adopt(newer);
    shared.adopt(newer);
    pinned.adopt(newer);
    queries.adopt(newer);
    subscribers.each(subscriber -> subscriber.adopt(newer, opener.connector()));
  }

  /**
   * Takes no more requests, but for those that belong to what is under way: the node is taken out
   * of the configuration, or another backend is in its place. Each connection is closed when it has
   * the replies that it waits for, also one that is lent. Messages are listened to until {@link
   * #close}.
   */
  public void retire() {
    beginRetirement();
    shared.retire();
    pinned.retire();
    queries.retire();
  }

  /** Says that {@link #retire} is about to be called, to those who look before it is. */
  public void beginRetirement() {
    assert worker.inThread();
    opener.retire();
  }

  /** Whether {@link #retire} was called. */
  public boolean retired() {
    return opener.retired();
  }

  /** Whether nothing is under way on it any more. */
  public boolean drained() {
    assert worker.inThread();
    return shared.isEmpty() && pinned.isEmpty() && queries.isEmpty();
  }

  /** Closes every connection and opens no more; what is in flight fails. */
  public void close() {
    assert worker.inThread();
    opener.close();
    longScripts.close();
    subscribers.each(Subscriber::close);
    shared.close();
    pinned.close();
    queries.close();
  }
}
