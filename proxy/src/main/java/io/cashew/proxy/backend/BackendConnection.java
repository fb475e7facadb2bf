package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a node: the requests that wait for their replies on it, in the order in which
 * they were written, and the bytes both ways. Confined to its worker.
 *
 * <p>Replies have no names: the first to arrive belongs to the first request. So whatever breaks
 * that order, a reply that nobody asked for, bytes that are no reply, a request given up after a
 * time-out, ends the connection, and everything in flight on it fails.
 *
 * <p>A reply is handed up whole if it is small, so that a node that breaks off in the middle of one
 * costs its receiver an error and not a broken stream; large replies are handed up as they come.
 */
final class BackendConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(BackendConnection.class);

  private static final int MAX_PUSH = 16 << 20;

  /** Replies that are at least this long are handed up in pieces. */
  static final int STREAM_FROM = 32 << 10;

  /** A line is handed up whole at any length: until its end it may turn out to be no reply. */
  private static final int KEPT_MAX = ReplyDecoder.MAX_LINE + 4;

  private enum State {
    CONNECTING,
    HANDSHAKE,
    READY,
    CLOSED
  }

  /** Takes what a node sends without having been asked. */
  interface PushSink {
    void onPush(ByteBuf buf, int index, int length);
  }

  /** Who is told what becomes of a connection. */
  interface Owner {
    void onReady(BackendConnection connection);

    /** Every reply that was expected has come. */
    void onIdle(BackendConnection connection);

    /** The connection is no more; what was in flight on it is told next. */
    void onClosed(BackendConnection connection, NodeFailure cause, boolean early);

    /**
     * Sends requests that have not left on another connection.
     *
     * @param first of them, linked in their order
     * @param bytes of them all; takes ownership if they are sent
     * @param last whether the node, which has answered nothing yet, is not to be given a third try
     * @return whether they are
     */
    default boolean resend(InFlight first, ByteBuf bytes, boolean last) {
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
  private BackendSettings settings;
  private final NodeRecorder recorder;
  private final Owner owner;
  private final Channel channel;
  private final Outbound outbound;
  private ReplyDecoder decoder;
  private final List<Runnable> waitingForDrain = new ArrayList<>();

  private State state = State.CONNECTING;
  private @Nullable InFlight head;
  private @Nullable InFlight tail;

  /** The first request that was enqueued since bytes last left, and when that was. */
  private @Nullable InFlight unsentFrom;

  private long unsentSince;
  private int handshakeLeft;
  private long openedTickMillis;
  private long lastReplyTickMillis;

  /** Whether the node has replied to a request here; answers to a handshake do not count. */
  private boolean answered;

  /** Its requests were for another connection first, which has answered nothing either. */
  private boolean lastTry;

  private byte replyType;
  private @Nullable ByteBuf partial;
  private @Nullable PushSink pushes;

  /** What is being read is a push. */
  private boolean pushing;

  private boolean streaming;
  private boolean sending;
  private boolean streamsRequests;

  /** Bytes of requests that were written here as they came, and those that the node had taken. */
  private long streamed;

  private long takenAtLastTick;
  private @Nullable InFlight staller;
  private long stalledSinceTickMillis;

  /** Whether one client has it to itself until {@link #endLease}. */
  private boolean leased;

  /** Replies are being handed up: whether nothing is in flight is known after that. */
  private boolean delivering;

  /** How much longer than others what is in flight may take; below 0: for ever. */
  private long patienceMillis;

  /** How many waits of blocking commands have begun. */
  private int waits;

  /** What the node calls this connection; 0 until it has been asked. */
  private long idOnNode;

  BackendConnection(
      Worker worker,
      Node node,
      BackendSettings settings,
      NodeRecorder recorder,
      Owner owner,
      Channel channel) {
    this.worker = worker;
    this.node = node;
    this.settings = settings;
    this.recorder = recorder;
    this.owner = owner;
    this.channel = channel;
    outbound = new Outbound(worker, channel, Outbound.Side.NODE);
    outbound.hold();
    decoder = new ReplyDecoder(settings.maxBulkLength(), settings.resp3());
    openedTickMillis = worker.tickMillis();
    lastReplyTickMillis = openedTickMillis;
  }

  /** Takes the time-out and the limit of bytes of {@code newer}. */
  void adopt(BackendSettings newer) {
    settings = settings.withTimes(newer.timeoutMillis(), newer.unsentBytes());
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(newer.unsentBytes() / 2, newer.unsentBytes()));
  }

  boolean ready() {
    return state == State.READY;
  }

  /** The server that it leads to; null if it is not connected. */
  @Nullable SocketAddress server() {
    return channel.remoteAddress();
  }

  /** Whether a reply is to come, or the answers to a handshake. */
  boolean owes() {
    return head != null;
  }

  boolean endsWithItsBackend() {
    return owner.endsWithItsBackend();
  }

  boolean closed() {
    return state == State.CLOSED;
  }

  /**
   * Whether so much waits for the node to take it that its feeders should pause. If so, {@link
   * #whenDrained} tells when it is over.
   */
  boolean overloaded() {
    if (outbound.pendingBytes() <= settings.unsentBytes()) {
      return false;
    }
    if (state == State.READY) {
      // Only the channel tells of its end, and only of bytes that it has.
      outbound.flush();
      return state == State.READY && !channel.isWritable();
    }
    return state != State.CLOSED;
  }

  long queuedBytes() {
    return outbound.pendingBytes();
  }

  /** Runs {@code task} when the node has taken what waits, or the connection has ended. */
  void whenDrained(Runnable task) {
    waitingForDrain.add(task);
  }

  /** Writes a whole request; borrows its bytes. */
  void send(ByteBuf buf, int index, int length, InFlight request) {
    enqueue(request);
    outbound.write(buf, index, length);
  }

  /** Where the bytes of the request that was last {@link #enqueue}d go. */
  Outbound outbound() {
    return outbound;
  }

  private void countInFlight(InFlight request, int change) {
    if (!request.proxysOwn) {
      recorder.inFlight += change;
    }
  }

  /** Accepts pushes; before the first byte has come. */
  void acceptPushes(PushSink sink) {
    pushes = sink;
    decoder = ReplyDecoder.withPushes(settings.maxBulkLength());
  }

  /**
   * Sends a command of the proxy's own, after everything that was sent before.
   *
   * @param reply is given what the node says, a line
   * @param failed runs if it says nothing
   */
  void ask(byte[] command, Consumer<String> reply, Runnable failed) {
    if (state == State.CLOSED) {
      failed.run();
    } else {
      enqueue(new TextReply(reply, failed));
      outbound.write(command, 0, command.length);
    }
  }

  /** Expects a reply for {@code request} after those of the requests before it. */
  void enqueue(InFlight request) {
    assert worker.inThread();
    request.connection = this;
    request.next = null;
    request.sentNanos = worker.nowNanos();
    request.sentTickMillis = worker.tickMillis();
    if (tail == null) {
      head = request;
    } else {
      tail.next = request;
    }
    tail = request;
    if (firstUnsent() == null) {
      unsentFrom = request;
      unsentSince = outbound.flushes();
    }
    countInFlight(request, 1);
  }

  /** The first request of which no byte has left, and with it those behind it; null: all have. */
  private @Nullable InFlight firstUnsent() {
    return unsentSince == outbound.flushes() ? unsentFrom : null;
  }

  /** The request just enqueued is still being received: it is not late while its sender is slow. */
  void beginSending() {
    sending = true;
    streamsRequests = true;
  }

  /** Writes a piece of the request that is being received; borrows it. */
  void stream(ByteBuf buf, int index, int length) {
    streamed += length;
    outbound.write(buf, index, length);
  }

  /** Whether a request is being received that goes out here. */
  boolean sending() {
    return sending;
  }

  /** The request is sent whole: its time begins. */
  void endSending() {
    sending = false;
    lastReplyTickMillis = worker.tickMillis();
    InFlight sent = head;
    if (sent != null) {
      sent.sentNanos = worker.nowNanos();
    }
  }

  void beginLease() {
    leased = true;
  }

  boolean leased() {
    return leased;
  }

  /** Its client needs it no more; it goes back when everything that was sent is answered. */
  void endLease() {
    leased = false;
    if (state != State.READY && head == null) {
      fail(Backend.ABANDONED, false);
    } else if (head == null && !delivering) {
      owner.onIdle(this);
    }
  }

  /** The request that is sent next may take so much longer than others; 0: no longer. */
  void patience(long millis) {
    patienceMillis = millis;
    waits += millis == 0 ? 0 : 1;
  }

  /** Numbers the waits of blocking commands on it, from 1. */
  int waits() {
    return waits;
  }

  /** Whether a wait, by its number, is not over. */
  boolean isIn(int wait) {
    return wait == waits && patienceMillis != 0 && leased && state != State.CLOSED;
  }

  /** See {@link BackendSettings#silenceMillis()}. */
  long silenceMillis() {
    return settings.silenceMillis();
  }

  /**
   * Asks whether the node is there, if it has not spoken for so long; no answer in time ends it.
   */
  void pingIfSilent(long millis, long tickMillis) {
    if (state == State.READY
        && head == null
        && !leased
        && tickMillis - lastReplyTickMillis > millis) {
      ask(Backend.PING, text -> {}, () -> {});
    }
  }

  long idOnNode() {
    return idOnNode;
  }

  /** Takes the node's answer to CLIENT ID; one that has no such command is asked again. */
  void idOnNode(String reply) {
    if (reply.startsWith(":")) {
      idOnNode = Long.parseLong(reply.substring(1));
    }
  }

  boolean writable() {
    return state == State.READY && channel.isWritable();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    List<HandshakeStep> steps = settings.handshake();
    if (steps.isEmpty()) {
      becomeReady();
      return;
    }
    state = State.HANDSHAKE;
    // The handshake's replies come before those of the requests that already wait.
    InFlight firstRequest = head;
    InFlight lastRequest = tail;
    head = null;
    tail = null;
    handshakeLeft = steps.size();
    for (HandshakeStep step : steps) {
      enqueue(new TextReply(text -> handshakeAnswered(step, text)));
      ctx.write(
          ctx.alloc().buffer(step.frame().length).writeBytes(step.frame()), ctx.voidPromise());
    }
    if (firstRequest != null && tail != null) {
      tail.next = firstRequest;
      tail = lastRequest;
    }
    unsentFrom = null; // the handshake leaves by itself
    ctx.flush();
  }

  private void becomeReady() {
    state = State.READY;
    lastReplyTickMillis = worker.tickMillis();
    recorder.connections += owner.isCounted() ? 1 : 0;
    for (InFlight waiting = head; waiting != null; waiting = waiting.next) {
      waiting.sentNanos = worker.nowNanos(); // until now it has waited for the connection
    }
    outbound.releaseHeld();
    owner.onReady(this);
    drained();
  }

  /** What ends it before it has answered anything is the node's failure, whatever has left. */
  void lastTry() {
    lastTry = true;
  }

  /** The attempt to connect has failed. */
  void connectFailed(Throwable cause) {
    if (state == State.CLOSED) {
      return;
    }
    recorder.connectFailures++;
    fail(node.connectFailure(cause), true);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      if (state != State.CLOSED) {
        replies(in, in.readerIndex(), in.writerIndex());
      }
    } catch (ProtocolException e) {
      LOG.warn("{} broke the protocol: {}; its connection is closed", node, e.getMessage());
      fail(node.failure(FailureKind.PROTOCOL, "Invalid reply (" + e.getMessage() + ")"), false);
    } finally {
      in.release();
    }
  }

  private void replies(ByteBuf in, int from, int to) {
    delivering = true;
    try {
      deliverAll(in, from, to);
    } finally {
      delivering = false;
    }
    if (head == null && state == State.READY) {
      owner.onIdle(this);
    }
  }

  private void deliverAll(ByteBuf in, int from, int to) {
    int at = from;
    long repliesBefore = recorder.replies;
    while (at < to && state != State.CLOSED) {
      if (decoder.atStart()) {
        replyType = in.getByte(at);
        pushing = replyType == '>' && pushes != null;
      }
      if (pushing) {
        at = push(in, at, to);
        continue;
      }
      InFlight request = head;
      if (request == null || (request == firstUnsent() && state == State.READY)) {
        recorder.unexpectedReplies++;
        throw new ProtocolException("a reply that nobody asked for");
      }
      int end = decoder.feed(in, at, to);
      if (end < 0) {
        keep(request, in, at, to);
        break;
      }
      dequeue(request);
      deliver(request, in, at, end);
      lastReplyTickMillis = worker.tickMillis();
      at = end;
      if (sending && !request.proxysOwn) {
        throw new ProtocolException("a reply to a request that is not sent yet");
      }
    }
    if (recorder.replies != repliesBefore) {
      answered = true;
      node.answered();
    }
  }

  /** Reads a push, which is held until it is whole. @return index after what was read of it */
  private int push(ByteBuf in, int at, int to) {
    PushSink sink = pushes;
    int end = decoder.feed(in, at, to);
    int read = end < 0 ? to : end;
    ByteBuf kept = partial;
    if (end >= 0 && kept == null && sink != null) {
      sink.onPush(in, at, end - at);
      return end;
    }
    if (kept == null) {
      partial = kept = worker.allocator().directBuffer(read - at, MAX_PUSH);
    }
    if (kept.readableBytes() + read - at > MAX_PUSH) {
      throw new ProtocolException("a push of more than " + MAX_PUSH + " bytes");
    }
    kept.writeBytes(in, at, read - at);
    if (end >= 0) {
      partial = null;
      try {
        if (sink != null) {
          sink.onPush(kept, kept.readerIndex(), kept.readableBytes());
        }
      } finally {
        kept.release();
      }
    }
    return read;
  }

  private void dequeue(InFlight request) {
    head = request.next;
    if (head == null) {
      tail = null;
    }
    request.next = null;
    countInFlight(request, -1);
    if (staller == request) {
      unstall(request);
    }
    request.connection = null;
  }

  /** Hands up the last piece of a reply, after what was kept of it. */
  private void deliver(InFlight request, ByteBuf in, int at, int end) {
    recorder.replyBytes += end - at;
    if (!request.proxysOwn) {
      recorder.replies++;
      recorder.latency.record(worker.nowNanos() - request.sentNanos);
    }
    streaming = false;
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      try {
        if (replyType == '-') { // a line, which is kept whole at any length
          kept.writeBytes(in, at, end - at);
          deliverError(request, kept, kept.readerIndex(), kept.readableBytes());
        } else {
          request.onReply(kept, kept.readerIndex(), kept.readableBytes(), false);
          request.onReply(in, at, end - at, true);
        }
      } finally {
        kept.release();
      }
    } else if (replyType == '-') {
      deliverError(request, in, at, end - at);
    } else {
      request.onReply(in, at, end - at, true);
    }
  }

  /** Hands up an error, which is whole. */
  private void deliverError(InFlight request, ByteBuf buf, int index, int length) {
    if (!request.proxysOwn) {
      recorder.errorReplies++;
      recorder.verdict(Verdict.of(buf, index, length));
    }
    request.onReply(buf, index, length, true);
  }

  /** Keeps, or hands up, bytes of a reply whose end has not come. */
  private void keep(InFlight request, ByteBuf in, int at, int to) {
    int length = to - at;
    recorder.replyBytes += length;
    if (streaming) {
      lastReplyTickMillis = worker.tickMillis(); // a large reply may take its time while it moves
      request.onReply(in, at, length, false);
      return;
    }
    ByteBuf kept = partial;
    int keptBytes = kept == null ? 0 : kept.readableBytes();
    if (keptBytes + length < STREAM_FROM || decoder.inLine()) {
      if (kept == null) {
        partial = kept = worker.allocator().directBuffer(length, KEPT_MAX);
      }
      kept.writeBytes(in, at, length);
      return;
    }
    streaming = true;
    if (kept != null) {
      partial = null;
      try {
        request.onReply(kept, kept.readerIndex(), keptBytes, false);
      } finally {
        kept.release();
      }
    }
    request.onReply(in, at, length, false);
  }

  void stall(InFlight request) {
    if (staller == null && request == head) {
      staller = request;
      stalledSinceTickMillis = worker.tickMillis();
      channel.config().setAutoRead(false);
    }
  }

  void unstall(InFlight request) {
    if (staller == request) {
      staller = null;
      lastReplyTickMillis = worker.tickMillis();
      channel.config().setAutoRead(true);
    }
  }

  /**
   * Whether the node may have been running a script for so long, and answers nobody until it ends.
   * A reply to what came before the script says nothing of it: a node that is busy gives it late.
   */
  boolean mayRunScriptFor(long millis, long tickMillis) {
    if (state != State.READY) {
      return false;
    }
    for (InFlight each = head; each != null; each = each.next) {
      if (tickMillis - each.sentTickMillis < millis) {
        return false; // nor has any behind it waited longer
      }
      if (each.runsScript()) {
        return true;
      }
    }
    return false;
  }

  /** Looks for what has taken too long. */
  void onTick(long tickMillis) {
    InFlight request = head;
    if (staller != null) {
      InFlight stalling = staller;
      if (tickMillis - stalledSinceTickMillis > settings.finiteTimeoutMillis()) {
        unstall(stalling);
        stalling.onStallTimeout();
      } else {
        stalling.onStalledTick();
      }
      return;
    }
    if (streamsRequests) {
      long taken = streamed - outbound.pendingBytes();
      if (taken > takenAtLastTick) {
        lastReplyTickMillis = tickMillis; // a large request may take its time while it moves
      }
      takenAtLastTick = taken;
    }
    if (state == State.CONNECTING || state == State.HANDSHAKE) {
      long since = Math.max(openedTickMillis, lastReplyTickMillis);
      if (tickMillis - since > settings.finiteTimeoutMillis()) {
        recorder.connectFailures++;
        fail(timeoutFailure("Connection timed out (connecting)"), false);
      }
      return;
    }
    NodeFailure open = patienceMillis < 0 ? node.circuit() : null;
    if (request != null && open != null) {
      fail(open, false); // it may be hung, and would never tell
    } else if (request != null && !senderIsSlow()) {
      long most = mostMillis(request);
      long since = Math.max(request.sentTickMillis, lastReplyTickMillis);
      if (most > 0 && tickMillis - since > most) {
        fail(timeoutFailure("Connection timed out"), false);
      }
    }
  }

  /** How long the node may take for what it answers next; 0: as long as it likes. */
  private long mostMillis(InFlight request) {
    if (request.proxysOwn) { // what a client waits for comes behind it
      return pushes == null ? settings.timeoutMillis() : settings.silenceMillis();
    }
    boolean forEver = patienceMillis < 0 || settings.timeoutMillis() == 0;
    return forEver ? 0 : settings.timeoutMillis() + patienceMillis;
  }

  /** Whether the node has taken what there is of a request that is not sent whole. */
  private boolean senderIsSlow() {
    return sending && !outbound.behind();
  }

  private NodeFailure timeoutFailure(String what) {
    return node.failure(
        FailureKind.TIMEOUT, what + " after " + settings.finiteTimeoutMillis() + " ms");
  }

  /** Ends the connection and fails what is in flight on it. */
  void fail(NodeFailure cause, boolean early) {
    assert worker.inThread();
    if (state == State.CLOSED) {
      return;
    }
    boolean requestsHaveLeft = state == State.READY;
    if (requestsHaveLeft) {
      recorder.connections -= owner.isCounted() ? 1 : 0;
      recorder.disconnects += owner.isCounted() ? 1 : 0;
    }
    InFlight request = head;
    InFlight unsent = requestsHaveLeft ? firstUnsent() : null;
    boolean again = !early && (answered || !lastTry);
    ByteBuf unsentBytes = unsent == null || !again ? null : outbound.takeUnsent();
    state = State.CLOSED;
    channel.close();
    outbound.discard();
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      kept.release();
    }
    head = null;
    tail = null;
    staller = null;
    unsentFrom = null;
    // The owner first: it must not hand this connection to what the failures set in motion.
    owner.onClosed(this, cause, early);
    // Then what can go elsewhere: it comes before what those send who hear of a failure.
    if (unsent != null && unsentBytes != null && resend(request, unsent, unsentBytes)) {
      request = request == unsent ? null : request;
      unsent = null;
    }
    boolean inDoubt = requestsHaveLeft && request != null && cause.kind() != FailureKind.ABANDONED;
    NodeFailure told = inDoubt ? cause.afterSending() : cause;
    NodeFailure toldBefore = told.beforeReplyBegan();
    boolean replyBegan = !decoder.atStart();
    while (request != null) {
      if (request == unsent) { // not a byte of it has left, nor of those behind it
        told = cause;
        toldBefore = told.beforeReplyBegan();
      }
      InFlight following = request.next;
      request.next = null;
      request.connection = null;
      countInFlight(request, -1);
      if (!request.proxysOwn) {
        recorder.failed(cause.kind());
      }
      request.onFailure(replyBegan ? told : toldBefore);
      replyBegan = false; // it was the first one's
      request = following;
    }
    drained();
  }

  /** Sends what has not left on another connection, and takes it from the end of the queue. */
  private boolean resend(@Nullable InFlight queue, InFlight unsent, ByteBuf bytes) {
    int requests = 0;
    for (InFlight each = unsent; each != null; each = each.next) {
      requests += each.proxysOwn ? 0 : 1;
    }
    InFlight before = queue;
    while (before != null && before != unsent && before.next != unsent) {
      before = before.next;
    }
    if (!owner.resend(unsent, bytes, !answered)) {
      worker.batches().give(bytes);
      return false;
    }
    recorder.inFlight -= requests;
    if (before != null && before != unsent) {
      before.next = null;
    }
    return true;
  }

  private void drained() {
    if (!waitingForDrain.isEmpty()) {
      List<Runnable> tasks = List.copyOf(waitingForDrain);
      waitingForDrain.clear();
      tasks.forEach(Runnable::run);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      drained();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closedByNode("Connection closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (Tls.isFailure(cause)) {
      fail(node.connectFailure(cause), !answered);
    } else if (cause instanceof IOException) {
      closedByNode("Connection reset");
    } else {
      LOG.error("error on a connection to {}; it is closed", node, cause);
      fail(node.failure(FailureKind.CLOSED, "Internal error"), false);
    }
  }

  private void closedByNode(String how) {
    if (state == State.CLOSED || state == State.CONNECTING) {
      return; // an attempt to connect reports its own failure
    }
    // What ends a large request may be the request: a node that does not like it is not down.
    // Nor is one that ends a blocking command's connection, as CLIENT KILL does.
    boolean hasItsOwn = streamsRequests || leased;
    boolean owes = head != null && head != firstUnsent();
    boolean early = !answered && (lastTry || state == State.HANDSHAKE || (owes && !hasItsOwn));
    fail(node.failure(FailureKind.CLOSED, how + " by the node"), early);
  }

  /** What the node says to a step of the handshake; the last answer opens the gate. */
  private void handshakeAnswered(HandshakeStep step, String text) {
    boolean error = text.startsWith("-");
    if (error && step.refusal() != HandshakeStep.Refusal.HARMLESS) {
      recorder.connectFailures++;
      String what = "The node refused " + step.name() + " (" + text.substring(1) + ")";
      boolean nodeIsDown = step.refusal() == HandshakeStep.Refusal.NODE_IS_DOWN;
      fail(node.failure(FailureKind.HANDSHAKE, what), nodeIsDown);
      return;
    }
    if (error) {
      LOG.info("{} refused {}: {}", node, step.name(), text);
    }
    if (--handshakeLeft == 0) {
      becomeReady();
    }
  }
}
