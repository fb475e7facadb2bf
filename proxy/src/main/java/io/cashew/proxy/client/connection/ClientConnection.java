package io.cashew.proxy.client.connection;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.Session;
import io.cashew.proxy.client.reply.Recipient;
import io.cashew.proxy.client.reply.ReplyQueue;
import io.cashew.proxy.client.reply.Slots;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.loop.LastBytes;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.ClientErrorKind;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: hands its bytes to the {@link Intake}, and ends, by the stages of {@link
 * Closing}. Confined to its worker.
 */
public final class ClientConnection extends ChannelInboundHandlerAdapter
    implements Connection, Recipient, Intake.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

  /** How long a client that is to be closed may take to read its last replies. */
  private static final long FINISH_MILLIS = 30_000;

  private final Home home;
  private final PoolPart pool;
  private final Worker worker;
  private final PoolRecorder recorder;
  private final Channel channel;
  private final Outbound outbound;
  private final ReplyQueue replies;
  private final Gate gate;
  private final ConnectedClient client;
  private final Session session;
  private final Intake intake;
  private Closing closing = Closing.OPEN;
  private long lastReadMillis;

  /** The tick in which the worker was last told that this client is active. */
  private long activeMillis;

  /** At the last look: it was owed a reply, or messages. */
  private boolean wasBusy;

  /** Where the connections of a pool on a worker belong. */
  public interface Home {
    void joined(ClientConnection connection);

    /** May be told again. */
    void left(ClientConnection connection);

    /** Where the slots for replies come from. */
    Slots slots();

    /** A client was closed since it speaks another protocol. */
    void sawForeign(String peer, String error);
  }

  public ClientConnection(Home home, PoolPart pool, ClientProtocol protocol, Channel channel) {
    this.home = home;
    this.pool = pool;
    this.channel = channel;
    worker = pool.worker();
    recorder = pool.recorder();
    outbound = new Outbound(worker, channel, Outbound.Side.CLIENT);
    replies = new ReplyQueue(this, home.slots(), channel, outbound);
    gate = new Gate(replies);
    client = new ConnectedClient(pool, channel, this, replies, gate);
    session = client.session();
    intake = protocol.intake(this, client, gate, channel);
    // With TLS it is not this handler that gets what was received.
    channel
        .config()
        .setRecvByteBufAllocator(
            Tls.isOn(channel) ? worker.receiveBuffers() : worker.receiveBuffers(intake::room));
    lastReadMillis = worker.tickMillis();
  }

  /** The client at the other end. */
  public Client client() {
    return client;
  }

  /** Whether the client is between MULTI and EXEC, or watches keys. */
  boolean transactionUnderWay() {
    return client.transactionUnderWay();
  }

  /** Closes a subscriber that does not read: what is published does not wait for it. */
  public void checkUnsentMessages() {
    client.checkUnsentMessages();
  }

  // ---------------------------------------------------------------- bytes in

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    assert worker.inThread();
    client.asks(null);
    home.joined(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      if (!intake.takesNoMore()) {
        lastReadMillis = worker.tickMillis();
        if (activeMillis != lastReadMillis) {
          activeMillis = lastReadMillis;
          worker.clientActive();
        }
        intake.read(in);
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    leaveIfBetweenRequests(); // what it asked was answered here, without a slot
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      replies.hasRoomAgain();
      resumeSoon();
    }
  }

  // ---------------------------------------------------------------- what the pool tells

  /** The pool has other settings. */
  public void settingsChanged() {
    intake.limitsChanged();
    replies.limitsChanged();
    int unsent = pool.settings().unsentBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(unsent / 2, unsent));
    resumeSoon();
  }

  /** Keys are elsewhere, or connections to nodes are others. */
  public void routesChanged() {
    if (session.database() >= pool.router().databases()) {
      close(); // there is no such database any more
      return;
    }
    intake.routesChanged();
    client.routesChanged(intake.isInRequest());
  }

  /** The pool has other users. */
  public void usersChanged(Users users) {
    client.usersChanged(users);
  }

  // ---------------------------------------------------------------- what the client asks

  @Override
  public void resumeSoon() {
    intake.resumeSoon();
  }

  @Override
  public boolean inputEnded() {
    return intake.ended();
  }

  @Override
  public void userChanged() {
    intake.limitsChanged();
    client.lane().goesBy(pool.router().routesOf(session.user()));
  }

  @Override
  public Client.Figures figures() {
    return new Figures();
  }

  private final class Figures implements Client.Figures {
    @Override
    public int fileDescriptor() {
      return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
    }

    @Override
    public long idleSeconds() {
      return (worker.tickMillis() - session.lastTickMillis()) / 1000;
    }

    @Override
    public long unhandledBytes() {
      return intake.unhandledBytes();
    }

    @Override
    public long argumentBytes() {
      return intake.argumentBytes();
    }

    @Override
    public long queuedBytes() {
      return replies.bytes();
    }

    @Override
    public boolean blocked() {
      return client.isBlocked();
    }

    @Override
    public boolean closing() {
      return !closing.takesRequests();
    }
  }

  /** Bytes of replies and messages that are here for the client. */
  public long queuedBytes() {
    return replies.bytes();
  }

  // ---------------------------------------------------------------- what the replies ask

  @Override
  public boolean closed() {
    return closing == Closing.CLOSED;
  }

  @Override
  public boolean resp3() {
    return session.resp3();
  }

  @Override
  public Lane lane() {
    return client.lane();
  }

  @Override
  public void replyOver(PendingReply reply, Command command) {
    client.replyOver(reply, command);
  }

  @Override
  public void requestWaits() {
    client.waitForReplies();
  }

  @Override
  public void repliesGiven() {
    resumeSoon();
    if (closing == Closing.LAST_REPLIES && replies.isEmpty()) {
      finish();
    }
    leaveIfBetweenRequests();
  }

  // ---------------------------------------------------------------- the end

  @Override
  public Closing closing() {
    return closing;
  }

  @Override
  public boolean over() {
    return closing.over();
  }

  @Override
  public void closeAfterReplies() {
    if (!closing.takesRequests()) {
      return;
    }
    closing = Closing.LAST_REPLIES;
    intake.takeNoMore();
    if (replies.isEmpty()) {
      finish();
    }
  }

  /**
   * Ends the connection when what was written has been taken. Ours is the first end to close, and
   * what still comes is read and dropped for a moment: to close over unread bytes would reset the
   * connection, and take the last replies from the client.
   */
  private void finish() {
    if (closing.over()) {
      return;
    }
    closing = Closing.FINISHING;
    // To others, and to the nodes, it is gone, though it may take its time to close its end.
    pool.directory().remove(client);
    client.forgetOnNodes();
    if (Tls.handshakeIsDue(channel)) {
      close(); // it has sent nothing yet that could be answered
      return;
    }
    LastBytes.leaveWithTheEnd(channel);
    outbound.flush();
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (intake.ended()
                  || !written.isSuccess()
                  || !(channel instanceof DuplexChannel duplex)) {
                channel.close();
              } else {
                Tls.shutdownOutput(duplex, this::linger);
              }
            });
    closeAfter(FINISH_MILLIS);
  }

  private void linger(Future<?> shutDown) {
    channel.config().setAutoRead(true);
    long quietMillis = worker.tickMillis() - lastReadMillis;
    closeAfter(shutDown.isSuccess() ? DrainTurns.lingerMillis(quietMillis) : 0);
  }

  /** Ends the connection then, unless it has ended by itself: nothing remembers it after that. */
  private void closeAfter(long millis) {
    if (channel.isOpen()) {
      Future<?> end = worker.eventLoop().schedule(this::close, millis, TimeUnit.MILLISECONDS);
      channel.closeFuture().addListener(ended -> end.cancel(false));
    }
  }

  /** Ends the connection now. What the client waits for is for others from here on. */
  @Override
  public void close() {
    if (!closed()) {
      closing = Closing.CLOSED;
      if (client.mode().isBlocked()) {
        client.mode().abandon();
      }
      channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = Closing.CLOSED;
    home.left(this);
    client.holdForPause(false);
    if (!replies.isEmpty()) {
      recorder.clientError(ClientErrorKind.ABANDONED);
    }
    replies.end();
    intake.abort();
    intake.drop();
    client.forgetOnNodes();
    outbound.discard();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    boolean saidSo = event == SslCloseCompletionEvent.SUCCESS;
    if ((event instanceof ChannelInputShutdownEvent || saidSo) && !closed() && intake.end()) {
      channel.config().setAutoRead(false);
      if (closing == Closing.FINISHING || client.isBlocked()) {
        close();
      } else if (!gate.isShut()) {
        inputIsOver();
      }
    } else if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess()) {
      tlsFailed(tls.cause());
    }
  }

  @Override
  public void inputIsOver() {
    intake.abort();
    closeAfterReplies();
  }

  // ---------------------------------------------------------------- between two requests

  /**
   * The client's turn to leave has come: it does so when it is between two requests. A wait for
   * what may never come ends as {@code CLIENT UNBLOCK} would end it, so that nothing is lost that
   * the node gives at the same time.
   */
  void leave() {
    closing = closing.to(Closing.LEAVING);
    client.unblock(true, unblocked -> {});
  }

  /** Leaves if it has asked nothing for a while; a subscriber hears messages in between. */
  void leaveIfQuiet(long nowMillis) {
    if (session.subscribed() || nowMillis - lastReadMillis >= DrainTurns.QUIET_MILLIS) {
      leaveIfBetweenRequests();
    }
  }

  @Override
  public void requestsAreTaken() {
    leaveIfBetweenRequests();
  }

  private void leaveIfBetweenRequests() {
    if (closing == Closing.LEAVING
        && !intake.isBusy()
        && replies.isEmpty()
        && !client.transactionUnderWay()) {
      closeAfterReplies();
    }
  }

  // ---------------------------------------------------------------- those that are closed for
  // something

  /**
   * Whether the client has sent nothing for too long, or has begun a request and does not end it.
   * The time that it is not read from is not its own.
   */
  public boolean looksAway(long nowMillis) {
    boolean busy =
        !replies.isEmpty() || client.mode().isBlocked() || gate.isShut() || session.subscribed();
    if (busy || wasBusy) { // it may have had its reply a moment ago
      lastReadMillis = nowMillis;
    }
    wasBusy = busy;
    if (gate.isShut()) {
      intake.forgiveTime(nowMillis);
    }
    return !intake.takesNoMore() && (isIdle(nowMillis) || isSlow(nowMillis));
  }

  private boolean isIdle(long nowMillis) {
    long most = pool.settings().idleMillis();
    return most > 0 && nowMillis - lastReadMillis > most;
  }

  private boolean isSlow(long nowMillis) {
    return intake.isSlow(nowMillis, pool.settings().slowRequestMillis());
  }

  /** Ends the connection of a client that {@link #looksAway}. */
  public void giveUp(long nowMillis) {
    if (isSlow(nowMillis)) {
      debug("a request is not complete after " + pool.settings().slowRequestMillis() + " ms");
      recorder.clientError(ClientErrorKind.SLOW_REQUEST);
      endWith(pool.wording().error("Protocol error: the request took too long to arrive"));
    } else {
      debug("it has been idle for " + pool.settings().idleMillis() + " ms");
      recorder.clientError(ClientErrorKind.IDLE);
      close();
    }
  }

  @Override
  public void protocolError(ProtocolException e) {
    LOG.debug("client {} of pool '{}': {}", session.peer(), pool.settings().pool(), e.getMessage());
    switch (e.fault()) {
      case MALFORMED -> {
        recorder.refused(RefusalKind.PROTOCOL);
        recorder.clientError(ClientErrorKind.PROTOCOL);
      }
      case TOO_LARGE -> {
        recorder.refused(RefusalKind.TOO_LARGE);
        recorder.clientError(ClientErrorKind.TOO_LARGE);
      }
      case FOREIGN -> {
        home.sawForeign(session.peer(), String.valueOf(e.getMessage()));
        recorder.refused(RefusalKind.PROTOCOL);
        recorder.clientError(ClientErrorKind.PROTOCOL);
      }
    }
    endWith(pool.wording().lastWords(e));
  }

  /** Answers with an error instead of what was begun, and ends the connection. */
  private void endWith(byte[] error) {
    if (!intake.abort(error)) {
      client.reply(error);
    }
    closeAfterReplies();
  }

  @Override
  public void breakOff(NodeFailure failure) {
    LOG.info(
        "client {} of pool '{}' is closed in the middle of a reply: {}",
        session.peer(),
        pool.settings().pool(),
        failure.text());
    close();
  }

  /** More has been published than this client may leave unread. */
  @Override
  public void closeSlowSubscriber() {
    closeFor(
        ClientErrorKind.SLOW_SUBSCRIBER,
        "it does not read its messages, {} bytes wait",
        replies.unsentMessageBytes());
  }

  @Override
  public void closeForUnreadReplies() {
    closeFor(
        ClientErrorKind.UNREAD_REPLIES,
        "it does not read its replies, {} bytes wait",
        outbound.pendingBytes());
  }

  @Override
  public void closeForMemory() {
    closeFor(
        ClientErrorKind.SHORT_OF_MEMORY,
        "memory-limit is reached, and {} bytes of replies wait for it",
        replies.replyBytes());
  }

  private void closeFor(ClientErrorKind kind, String why, long bytes) {
    if (!closed()) {
      LOG.warn(
          "client {} of pool '{}' is closed: " + why,
          session.peer(),
          pool.settings().pool(),
          bytes);
      recorder.clientError(kind);
      close();
    }
  }

  /** It does not speak TLS, or not so that it can be trusted: nothing has been read of it. */
  private void tlsFailed(Throwable cause) {
    if (!closed()) {
      debug("TLS failed: " + Tls.reason(cause));
      recorder.clientError(ClientErrorKind.TLS);
      close();
    }
  }

  private void debug(String why) {
    LOG.debug("client {} of pool '{}' is closed: {}", session.peer(), pool.settings().pool(), why);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (Tls.isFailure(cause)) {
      tlsFailed(cause);
    } else if (cause instanceof IOException) {
      if (!closed()) {
        recorder.clientError(ClientErrorKind.RESET);
      }
    } else {
      recorder.clientError(ClientErrorKind.INTERNAL);
      LOG.error("error on client {} of pool '{}'", session.peer(), pool.settings().pool(), cause);
    }
    close();
  }
}
