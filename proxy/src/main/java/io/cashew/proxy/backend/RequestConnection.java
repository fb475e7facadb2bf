package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.memcached.ReplyShape;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node on which requests are sent: what they wait for, how long they may, and
 * what becomes of them when it ends. Confined to its worker.
 *
 * <p>A {@link NodeChannel} connects, {@link InFlightQueue} has the requests in flight, {@link
 * ReplyFeed} brings their replies, {@link Stall} stops it when a receiver cannot take more. Replies
 * are matched by order alone. So whatever breaks that order, a reply that nobody asked for, bytes
 * that are no reply, a request given up after a time-out, ends the connection, and everything in
 * flight on it fails.
 */
final class RequestConnection implements NodeChannel.User {

  /** Who is told what becomes of a connection. */
  interface Owner {
    void onReady(RequestConnection connection);

    /** Every reply that was expected has come. */
    void onIdle(RequestConnection connection);

    /** The connection is no more; what was in flight on it is told next. */
    void onClosed(RequestConnection connection, NodeFailure cause, boolean early);

    /**
     * Sends the last requests in flight, which have not left, on another connection, to which they
     * {@linkplain #takeOver move}.
     *
     * @param count how many
     * @param bytes of them all; takes ownership if they are sent
     * @param last whether the node, which has answered nothing yet, is not to be given a third try
     * @return whether they are
     */
    default boolean resend(InFlightQueue from, int count, ByteBuf bytes, boolean last) {
      return false;
    }

    /** Whether it is one of those that are counted, which is for requests or tells of health. */
    default boolean isCounted() {
      return true;
    }

    /** Whether a connection that owes nothing is closed when its backend retires. */
    default boolean endsWithItsBackend() {
      return true;
    }
  }

  private final Worker worker;
  private final Node node;
  private final NodeRecorder recorder;
  private final Owner owner;
  private final NodeChannel channel;
  private final Outbound outbound;
  private final Stall stall;
  private final InFlightQueue queue;
  private final ReplyFeed feed;
  private final LeaseState lease = new LeaseState();
  private final List<Runnable> waitingForDrain = new ArrayList<>();

  /** Its requests were for another connection first, which has answered nothing either. */
  private boolean lastTry;

  /** Replies are being handed up: whether nothing is in flight is known after that. */
  private boolean delivering;

  /** Of requests that were sent as they came; null: there was none. */
  private @Nullable StreamProgress stream;

  /**
   * A connection that is to be opened.
   *
   * @param settings of its kind
   * @param owner is told what becomes of it
   * @param netty a channel of a {@link Connector}
   */
  RequestConnection(
      Worker worker,
      Node node,
      BackendSettings settings,
      NodeRecorder recorder,
      Owner owner,
      Channel netty) {
    this.worker = worker;
    this.node = node;
    this.recorder = recorder;
    this.owner = owner;
    channel = new NodeChannel(worker, node, settings, recorder, netty, this);
    outbound = channel.outbound();
    stall = new Stall(worker, channel::read);
    queue = new InFlightQueue(recorder, stall);
    feed = feed(settings.protocol());
  }

  private ReplyFeed feed(NodeProtocol protocol) {
    return switch (protocol) {
      case RESP -> new RespReplyFeed(worker, channel, recorder, queue);
      case MEMCACHED -> new MemcachedReplyFeed(worker, channel, recorder, queue);
    };
  }

  /**
   * Connects.
   *
   * @param server where to; null: where the node is
   */
  void connect(Connector connector, @Nullable SocketAddress server) {
    channel.connect(connector, server);
  }

  /** Takes the time-out and the limit of bytes of {@code newer}. */
  void adopt(BackendSettings newer) {
    channel.adopt(newer);
  }

  /** The server that it leads to; null if it is not connected. */
  @Nullable SocketAddress server() {
    return channel.server();
  }

  /** Whether a reply is to come, or the answers to a handshake. */
  boolean owes() {
    return !queue.isEmpty() || channel.inHandshake();
  }

  /** Its backend takes no more requests: ends, now, or when nothing is under way any more. */
  void retire(NodeFailure why) {
    if (!owes() && owner.endsWithItsBackend()) {
      fail(why, false);
    }
  }

  boolean closed() {
    return channel.closed();
  }

  /** Whether the calling thread is the worker's. */
  boolean inThread() {
    return worker.inThread();
  }

  /** What ends it before it has answered anything is the node's failure, whatever has left. */
  void lastTry() {
    lastTry = true;
  }

  // ---------------------------------------------------------------- requests

  /** Writes a whole request; borrows its bytes. */
  void send(ByteBuf buf, int index, int length, InFlight request) {
    enqueue(request);
    outbound.write(buf, index, length);
  }

  /** Writes a whole request of the proxy's own. */
  void send(byte[] bytes, InFlight request) {
    enqueue(request);
    outbound.write(bytes, 0, bytes.length);
  }

  /** Expects a reply for {@code request} after those of the requests before it. */
  void enqueue(InFlight request) {
    assert worker.inThread() && !channel.closed();
    queue.add(request, worker.nowNanos(), worker.tickMillis(), outbound.flushes());
  }

  /** Where the bytes of the request that was last {@link #enqueue}d go. */
  Outbound outbound() {
    return outbound;
  }

  /**
   * Sends a command of the proxy's own, after everything that was sent before.
   *
   * @param reply is given what the node says, a line
   * @param failed is told why, if it says nothing
   */
  void ask(byte[] command, Consumer<String> reply, Consumer<NodeFailure> failed) {
    if (channel.closed()) {
      failed.accept(node.failure(FailureKind.CLOSED, "The connection has ended"));
    } else {
      enqueue(new TextReply(reply, failed));
      outbound.write(command, 0, command.length);
    }
  }

  /** Asks whether the node is there; {@code reply} is given what it says, a line. */
  void ping(Consumer<String> reply) {
    if (!channel.closed()) {
      TextReply answer = new TextReply(reply);
      answer.expected().begin(ReplyShape.VERSION);
      byte[] question = channel.settings().protocol().ping();
      enqueue(answer);
      outbound.write(question, 0, question.length);
    }
  }

  /** Takes the last requests of another connection, and their bytes, which it owns from now on. */
  void takeOver(InFlightQueue from, int count, ByteBuf bytes) {
    from.moveLast(count, queue, worker.nowNanos(), worker.tickMillis(), outbound.flushes());
    outbound.writeOwned(bytes);
  }

  /** Accepts pushes; before the first byte has come. */
  void acceptPushes(ReplyFeed.PushSink sink) {
    feed.acceptPushes(sink);
  }

  /**
   * Whether so much waits for the node to take it that its feeders should pause. If so, {@link
   * #whenDrained} tells when it is over.
   */
  boolean overloaded() {
    if (outbound.pendingBytes() <= channel.settings().unsentBytes()) {
      return false;
    }
    if (channel.ready()) {
      // channelWritabilityChanged covers only bytes that the channel has: flush the batch first.
      outbound.flush();
      return channel.ready() && !channel.writable();
    }
    return !channel.closed();
  }

  long queuedBytes() {
    return outbound.pendingBytes();
  }

  boolean writable() {
    return channel.writable();
  }

  /** Runs {@code task} when the node has taken what waits, or the connection has ended. */
  void whenDrained(Runnable task) {
    waitingForDrain.add(task);
  }

  // ---------------------------------------------------------------- a request that is being
  // received

  /** The request just enqueued is still being received: it is not late while its sender is slow. */
  void beginSending() {
    StreamProgress progress = stream;
    if (progress == null) {
      stream = progress = new StreamProgress(outbound);
    }
    progress.begin();
  }

  /** Writes a piece of the request that is being received; borrows it. */
  void stream(ByteBuf buf, int index, int length) {
    if (stream != null) {
      stream.wrote(length);
    }
    outbound.write(buf, index, length);
  }

  /** Whether a request is being received that goes out here. */
  boolean sending() {
    return stream != null && stream.sending();
  }

  /** The request is sent whole: its time begins. */
  void endSending() {
    if (stream != null) {
      stream.end();
    }
    channel.alive();
    queue.lastSentAt(worker.nowNanos());
  }

  // ---------------------------------------------------------------- for one client alone

  /** What is remembered of its being lent. */
  LeaseState lease() {
    return lease;
  }

  /** Its client needs it no more; it goes back when everything that was sent is answered. */
  void endLease() {
    lease.end();
    if (!channel.ready() && !owes()) {
      fail(NodeFailure.ABANDONED, false);
    } else if (!owes() && !delivering) {
      idle();
    }
  }

  /** See {@link BackendSettings#silenceMillis()}. */
  long silenceMillis() {
    return channel.settings().silenceMillis();
  }

  /**
   * Asks whether the node is there, if it has not spoken for so long; no answer in time ends it.
   */
  void pingIfSilent(long millis, long tickMillis) {
    boolean silent = tickMillis - channel.aliveTickMillis() > millis;
    if (silent && channel.ready() && queue.isEmpty() && !lease.leased()) {
      ping(text -> {});
    }
  }

  // ---------------------------------------------------------------- what the channel tells

  @Override
  public void onReady() {
    recorder.connections += owner.isCounted() ? 1 : 0;
    queue.allSentAt(worker.nowNanos());
    owner.onReady(this);
    drained();
  }

  @Override
  public void onBytes(ByteBuf in, int from, int to) {
    delivering = true;
    try {
      feed.read(in, channel.readHandshake(in, from, to), to);
    } finally {
      delivering = false;
    }
    if (queue.isEmpty() && channel.ready()) {
      if (sending()) {
        throw new ProtocolException("a reply to a request that is not sent yet");
      }
      idle();
    }
  }

  private void idle() {
    if (feed.serverIsClosing()) { // the next request would meet the end
      fail(NodeFailure.ABANDONED, false);
    } else {
      owner.onIdle(this);
    }
  }

  @Override
  public void onWritable() {
    drained();
  }

  private void drained() {
    if (!waitingForDrain.isEmpty()) {
      List<Runnable> tasks = List.copyOf(waitingForDrain);
      waitingForDrain.clear();
      tasks.forEach(Runnable::run);
    }
  }

  /**
   * What ends a large request may be the request: a node that does not like it is not down. Nor is
   * one that ends a blocking command's connection, as CLIENT KILL does.
   */
  @Override
  public boolean blamesNode() {
    boolean hasItsOwn = stream != null || lease.leased();
    return lastTry || (queue.firstHasLeft(outbound.flushes()) && !hasItsOwn);
  }

  // ---------------------------------------------------------------- time-outs, and the end

  /**
   * Whether the node may have been running a script for so long, and answers nobody until it ends.
   */
  boolean mayRunScriptFor(long millis, long tickMillis) {
    return channel.ready() && queue.scriptSentBy(tickMillis - millis);
  }

  /** Looks for what has taken too long. */
  void onTick(long tickMillis) {
    queue.onTick();
    StreamProgress progress = stream;
    if (progress != null && progress.movedSinceLastTick()) {
      channel.alive(); // a large request may take its time while it moves
    }
    if (!channel.onTick(tickMillis)
        || stall.onTick(tickMillis, channel.settings().finiteTimeoutMillis())) {
      return;
    }
    InFlight request = queue.first();
    if (request == null) {
      return;
    }
    NodeFailure open = lease.waitsForEver() ? node.circuit() : null;
    if (open != null) {
      fail(open, false); // it may be hung, and would never tell
    } else if (progress == null || !progress.senderIsSlow()) {
      long most = mostMillis(request);
      long since = Math.max(queue.firstSentTickMillis(), channel.aliveTickMillis());
      if (most > 0 && tickMillis - since > most) {
        fail(timedOut(), false);
      }
    }
  }

  private NodeFailure timedOut() {
    return channel.timeout("Connection timed out", channel.settings().finiteTimeoutMillis());
  }

  /** How long the node may take for what it answers next; 0: as long as it likes. */
  private long mostMillis(InFlight request) {
    BackendSettings settings = channel.settings();
    if (request.proxysOwn) { // what a client waits for comes behind it
      return feed.acceptsPushes() ? settings.silenceMillis() : settings.timeoutMillis();
    }
    boolean forEver = lease.waitsForEver() || settings.timeoutMillis() == 0;
    return forEver ? 0 : settings.timeoutMillis() + lease.patienceMillis();
  }

  /** Ends the connection and fails what is in flight on it. */
  @Override
  public void fail(NodeFailure cause, boolean early) {
    assert worker.inThread();
    if (channel.closed()) {
      return;
    }
    boolean requestsHaveLeft = channel.ready();
    if (requestsHaveLeft) {
      recorder.connections -= owner.isCounted() ? 1 : 0;
      recorder.disconnects += owner.isCounted() ? 1 : 0;
    }
    int unsent = requestsHaveLeft ? queue.unsent(outbound.flushes()) : 0;
    boolean again = !early && (channel.hasAnswered() || !lastTry);
    ByteBuf unsentBytes = unsent == 0 || !again ? null : outbound.takeUnsent();
    channel.close();
    feed.close();
    stall.forget();
    // The owner first: it must not hand this connection to what the failures set in motion.
    owner.onClosed(this, cause, early);
    // Next, resend what never left, before failed callers can send anything new.
    if (unsentBytes != null && resend(unsent, unsentBytes)) {
      unsent = 0;
    }
    boolean inDoubt = requestsHaveLeft && cause.kind() != FailureKind.ABANDONED && !queue.isEmpty();
    NodeFailure told = inDoubt ? cause.afterSending() : cause;
    queue.failAll(cause, told, unsent, feed.inReply());
    drained();
  }

  /** Sends what has not left on another connection. */
  private boolean resend(int unsent, ByteBuf bytes) {
    if (owner.resend(queue, unsent, bytes, !channel.hasAnswered())) {
      return true;
    }
    worker.batches().give(bytes);
    return false;
  }
}
