package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel to a node, from the attempt to connect to its end: how far it is, the {@link Handshake}
 * before it may be used, what its failures mean. Confined to its worker.
 *
 * <p>Whoever uses it (requests, or what listens) is told when it is ready and hands it the bytes of
 * the handshake; TLS is behind a {@link TlsGate}, which makes connecting take a little longer.
 */
final class NodeChannel extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(NodeChannel.class);

  /** How far a channel is: in this order, each at most once. */
  private enum State {
    CONNECTING,
    HANDSHAKE,
    READY,
    CLOSED
  }

  /** Who uses a channel. */
  interface User {
    /** The handshake is over: what was written before leaves now. */
    void onReady();

    /**
     * Bytes have come; {@link #readHandshake} knows which belong to the user.
     *
     * @param in holds them; borrowed
     * @throws ProtocolException if they are no reply: the channel fails
     */
    void onBytes(ByteBuf in, int from, int to);

    /** The node has taken most of what waited for it. */
    default void onWritable() {}

    /**
     * Whether the node is down if it ends this channel, which is ready, before it has answered
     * anything.
     */
    boolean blamesNode();

    /**
     * The channel cannot be used any more, and has not been {@linkplain #close closed} yet.
     *
     * @param early whether the node is down: it has ended the channel before it was of any use
     */
    void fail(NodeFailure cause, boolean early);
  }

  private final Worker worker;
  private final Node node;
  private BackendSettings settings;
  private final NodeRecorder recorder;
  private final Channel channel;
  private final User user;
  private final Outbound outbound;
  private final Handshake handshake;
  private State state = State.CONNECTING;
  private long aliveTickMillis;

  /** Whether the node has answered anything here; answers to the handshake do not count. */
  private boolean answered;

  /**
   * Takes a channel that is not connected yet.
   *
   * @param settings of the connection, its handshake among them
   * @param channel with what TLS needs
   */
  NodeChannel(
      Worker worker,
      Node node,
      BackendSettings settings,
      NodeRecorder recorder,
      Channel channel,
      User user) {
    this.worker = worker;
    this.node = node;
    this.settings = settings;
    this.recorder = recorder;
    this.channel = channel;
    this.user = user;
    outbound = new Outbound(worker, channel, Outbound.Side.NODE);
    outbound.hold();
    handshake = new Handshake(settings, this::handshakeAnswered);
    aliveTickMillis = worker.tickMillis();
  }

  /**
   * Connects.
   *
   * @param server where to; null: where the node is
   */
  void connect(Connector connector, @Nullable SocketAddress server) {
    connect(connector, server, this::connectFailed);
  }

  /** The same, and nobody is told within this call if it fails. */
  void connectAndTellLater(Connector connector) {
    connect(connector, null, cause -> worker.eventLoop().execute(() -> connectFailed(cause)));
  }

  private void connect(
      Connector connector, @Nullable SocketAddress server, Consumer<Throwable> failed) {
    assert worker.inThread();
    channel.pipeline().addLast(this);
    connector.connect(channel, server, failed);
  }

  private void connectFailed(Throwable cause) {
    if (state != State.CLOSED) {
      recorder.connectFailures++;
      user.fail(node.connectFailure(cause), true);
    }
  }

  // ---------------------------------------------------------------- for its user

  /** Where bytes for the node go; they leave when it is ready. */
  Outbound outbound() {
    return outbound;
  }

  BackendSettings settings() {
    return settings;
  }

  /** The server has answered {@code MOVED} or {@code ASK}; borrows the error. */
  void speaksOfSlots(ByteBuf buf, int index, int length) {
    node.speaksOfSlots(buf, index, length);
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

  boolean closed() {
    return state == State.CLOSED;
  }

  boolean inHandshake() {
    return state == State.HANDSHAKE;
  }

  /** Whether the node would take more. */
  boolean writable() {
    return state == State.READY && channel.isWritable();
  }

  /** The server that it leads to; null if it is not connected. */
  @Nullable SocketAddress server() {
    return channel.remoteAddress();
  }

  /** Begins, or ends, to read what the node sends; only when it is read from can it be late. */
  void read(boolean on) {
    if (on) {
      alive();
    }
    channel.config().setAutoRead(on);
  }

  /** The node is there. */
  void alive() {
    aliveTickMillis = worker.tickMillis();
  }

  /** When the node last showed that it is there, in ticks of the worker. */
  long aliveTickMillis() {
    return aliveTickMillis;
  }

  /** The node has answered that it does not take a request. */
  void refuses(Verdict verdict) {
    node.refuses(verdict);
  }

  /** The node has answered what its user has asked. */
  void answered() {
    answered = true;
    node.answered();
  }

  boolean hasAnswered() {
    return answered;
  }

  /**
   * Reads what belongs to the handshake; nothing if that is over.
   *
   * @return index of the first byte that does not
   */
  int readHandshake(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to && state == State.HANDSHAKE) {
      at = handshake.read(in, at, to);
    }
    return at;
  }

  /**
   * Looks whether connecting takes too long.
   *
   * @return whether the channel is ready
   */
  boolean onTick(long tickMillis) {
    boolean opening = state == State.CONNECTING || state == State.HANDSHAKE;
    long most = settings.finiteTimeoutMillis();
    if (opening && tickMillis - aliveTickMillis > most) {
      recorder.connectFailures++;
      user.fail(timeout("Connection timed out (connecting)", most), false);
    }
    return state == State.READY;
  }

  /** A failure of the node: it has taken longer than it may. */
  NodeFailure timeout(String what, long millis) {
    return node.failure(FailureKind.TIMEOUT, what + " after " + millis + " ms");
  }

  /** Ends the channel; what was written and has not left is dropped. */
  void close() {
    assert worker.inThread();
    state = State.CLOSED;
    channel.close();
    outbound.discard();
  }

  // ---------------------------------------------------------------- what happens to it

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (settings.handshake().isEmpty()) {
      becomeReady();
      return;
    }
    state = State.HANDSHAKE;
    for (HandshakeStep step : settings.handshake()) { // past what is held until it is over
      ctx.write(
          ctx.alloc().buffer(step.frame().length).writeBytes(step.frame()), ctx.voidPromise());
    }
    ctx.flush();
  }

  private void becomeReady() {
    state = State.READY;
    alive();
    outbound.releaseHeld();
    user.onReady();
  }

  /** The last answer to the handshake opens the gate; any may show that there is none. */
  private void handshakeAnswered(HandshakeStep step, String text) {
    alive();
    boolean error = text.startsWith("-");
    if (error && step.refusal() != HandshakeStep.Refusal.HARMLESS) {
      recorder.connectFailures++;
      String what = "The node refused " + step.name() + " (" + text.substring(1) + ")";
      boolean nodeIsDown = step.refusal() == HandshakeStep.Refusal.NODE_IS_DOWN;
      user.fail(node.failure(FailureKind.HANDSHAKE, what), nodeIsDown);
      return;
    }
    if (error) {
      LOG.info("{} refused {}: {}", node, step.name(), text);
    }
    if (handshake.over()) {
      becomeReady();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      if (state != State.CLOSED) {
        user.onBytes(in, in.readerIndex(), in.writerIndex());
      }
    } catch (ProtocolException e) {
      LOG.warn("{} broke the protocol: {}; its connection is closed", node, e.getMessage());
      user.fail(
          node.failure(FailureKind.PROTOCOL, "Invalid reply (" + e.getMessage() + ")"), false);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      user.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closedByNode("Connection closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (Tls.isFailure(cause)) {
      user.fail(node.connectFailure(cause), !answered);
    } else if (cause instanceof IOException) {
      closedByNode("Connection reset");
    } else {
      LOG.error("error on a connection to {}; it is closed", node, cause);
      user.fail(node.failure(FailureKind.CLOSED, "Internal error"), false);
    }
  }

  private void closedByNode(String how) {
    if (state == State.CLOSED || state == State.CONNECTING) {
      return; // an attempt to connect reports its own failure
    }
    boolean early = state == State.HANDSHAKE || (!answered && user.blamesNode());
    user.fail(node.failure(FailureKind.CLOSED, how + " by the node"), early);
  }
}
