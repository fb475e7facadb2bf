package io.cashew.proxy.client.connection;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.ReplyMode;
import io.cashew.proxy.client.Session;
import io.cashew.proxy.client.Written;
import io.cashew.proxy.client.blocking.DepartureHold;
import io.cashew.proxy.client.pubsub.Listening;
import io.cashew.proxy.client.reply.ReplyQueue;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.client.transaction.Transaction;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.RequestOrder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a connected client has said and is owed: its session, mode and transaction, the connections
 * to nodes that it takes, and its replies. Confined to its worker.
 */
final class ConnectedClient implements Client {
  private final PoolPart pool;
  private final Worker worker;
  private final PoolRecorder recorder;
  private final Channel channel;
  private final Connection connection;
  private final ReplyQueue replies;
  private final Gate gate;
  private final Session session;
  private final ReplyMode replyMode = new ReplyMode();
  private final long connectedTickMillis;
  private Lane lane;
  private Written written = Written.NOTHING;
  private Mode mode = Mode.NORMAL;

  /** Of a client that has said MULTI or WATCH once. */
  private @Nullable Transaction transaction;

  /** Its own connections, of a client that has asked to be told of keys. */
  private @Nullable Tracker tracker;

  private @Nullable Runnable afterNextRequest;

  /** When bytes came last: what waits for its turn has been here since then at least. */
  private long arrivedNanos;

  private final DepartureHold departures = new DepartureHold();

  /** The request that is being begun, until it has a slot; null: none that is timed. */
  private @Nullable Command beginning;

  private boolean beginningBlocks;

  ConnectedClient(
      PoolPart pool, Channel channel, Connection connection, ReplyQueue replies, Gate gate) {
    this.pool = pool;
    this.channel = channel;
    this.connection = connection;
    this.replies = replies;
    this.gate = gate;
    worker = pool.worker();
    recorder = pool.recorder();
    session = new Session(pool.users(), channel);
    connectedTickMillis = worker.tickMillis();
    lane = newLane();
  }

  @Override
  public PoolPart pool() {
    return pool;
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public @Nullable SocketAddress address() {
    return channel.remoteAddress();
  }

  @Override
  public ReplyMode replyMode() {
    return replyMode;
  }

  @Override
  public long connectedTickMillis() {
    return connectedTickMillis;
  }

  // ---------------------------------------------------------------- a request

  /**
   * Bytes have come.
   *
   * @param nanos as {@link Worker#nowNanos}
   */
  void bytesCame(long nanos) {
    arrivedNanos = nanos;
    departures.bytesCame();
  }

  /** When bytes came last, as {@link Worker#nowNanos}. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  /** The client asks for this; null: for nothing that there is. */
  void asks(@Nullable Command command) {
    session.requested(command, worker.tickMillis());
  }

  /** A request is carried out, and has no slot yet. */
  void begins(Command command, Kind kind) {
    if (written == Written.NOTHING && kind.sharesConnections() && !command.onlyReads()) {
      written = Written.ON_ITS_LANE;
    }
    lane.begins(!command.onlyReads());
    beginning = command;
    beginningBlocks = kind == Kind.BLOCKING;
  }

  /** That request is answered by the proxy, and not timed. */
  void isAnsweredHere() {
    beginning = null;
  }

  /** That request is on its way, or answered. */
  void hasBegun(Kind kind) {
    beginning = null;
    Runnable task = afterNextRequest;
    if (task != null && kind != Kind.LOCAL && !mode.inTransaction()) {
      afterNextRequest = null;
      task.run();
    }
  }

  /** A request has been answered, sent or refused. */
  void requestTaken() {
    replyMode.requestTaken();
  }

  @Override
  public void afterNextRequest(Runnable task) {
    afterNextRequest = task;
  }

  // ---------------------------------------------------------------- what requests wait for

  @Override
  public void waitForReplies() {
    gate.hold(Hold.OWED_REPLIES);
  }

  /** The next request waits for this. */
  void hold(Hold why) {
    gate.hold(why);
  }

  /** Whether a request whose reply is merged has to wait until there are fewer of them. */
  boolean isFullOfMergedReplies() {
    return replies.fullOfMerged();
  }

  /** Where clients that have left were looked for. */
  DepartureHold departures() {
    return departures;
  }

  /** The next request need not wait for this any more, or looks again whether it has to. */
  void release(Hold why) {
    gate.release(why);
    connection.resumeSoon();
  }

  @Override
  public RequestOrder order() {
    return replies;
  }

  @Override
  public void feeds(@Nullable Backend overloaded) {
    if (overloaded != null && !gate.has(Hold.OVERLOADED_NODE)) {
      gate.hold(Hold.OVERLOADED_NODE);
      overloaded.whenDrained(
          lane,
          () -> {
            gate.release(Hold.OVERLOADED_NODE);
            connection.resumeSoon();
          });
    }
  }

  /** The next request waits for the end of {@code CLIENT PAUSE}, or no longer does. */
  void holdForPause(boolean now) {
    if (now && !gate.has(Hold.PAUSE)) {
      gate.hold(Hold.PAUSE);
      pool.directory().addWaiting(1);
    } else if (!now && gate.has(Hold.PAUSE)) {
      gate.release(Hold.PAUSE);
      pool.directory().addWaiting(-1);
    }
  }

  @Override
  public void pauseIsOver() {
    if (gate.has(Hold.PAUSE)) {
      holdForPause(false);
      connection.resumeSoon();
    }
  }

  /** Whether the client waits: for a key, or for the end of {@code CLIENT PAUSE}. */
  boolean isBlocked() {
    return gate.has(Hold.PAUSE) || mode.isBlocked();
  }

  @Override
  public boolean inputEnded() {
    return connection.inputEnded();
  }

  // ---------------------------------------------------------------- answers

  @Override
  public void reply(ByteBuf reply) {
    recorder.localReplies++;
    if (replies.isEmpty()) {
      if (!replyMode.muted()) {
        replies.write(reply, reply.readerIndex(), reply.readableBytes());
      }
      recorder.replies++;
    } else {
      addSlot().onReply(reply, reply.readerIndex(), reply.readableBytes(), true);
    }
  }

  @Override
  public void reply(byte[] reply) {
    recorder.localReplies++;
    if (replies.isEmpty()) {
      if (!replyMode.muted()) {
        replies.write(reply, 0, reply.length);
      }
      recorder.replies++;
    } else {
      addSlot().give(reply);
    }
  }

  /** What it is owed. */
  ReplyQueue replies() {
    return replies;
  }

  @Override
  public void refuse(RefusalKind kind, String error) {
    Command asked = session.lastRow();
    recorder.refused(asked != null && asked.isSentAtConnect() ? kind.atConnect() : kind);
    pool.insight().rejected(session, asked, arrivedNanos, error);
    mode.refused();
    ByteBuf reply = worker.allocator().directBuffer();
    try {
      CommandErrors.write(error, reply);
      reply(reply);
    } finally {
      reply.release();
    }
  }

  @Override
  public ReplySlot addSlot() {
    ReplySlot slot = replies.add(replyMode.muted());
    Command command = beginning;
    if (command != null) {
      beginning = null;
      lane.isOnItsWay(!command.onlyReads());
      RequestFrame frame = pool.frame();
      slot.begin(
          command, arrivedNanos, frame.buf(), frame.start(), frame.length(), beginningBlocks);
      slot.moreOfRequest(frame.length(), arrivedNanos);
    }
    return slot;
  }

  @Override
  public ReplySlot addSlotForMerged() {
    ReplySlot slot = addSlot();
    if (pool.router().backends().size() > 1) {
      replies.comesMerged(slot);
    }
    return slot;
  }

  @Override
  public ReplySlot addSlotThatPushesPass() {
    ReplySlot slot = addSlot();
    replies.pushesPassLast();
    return slot;
  }

  /** A slot for a large request that begins with these bytes. */
  ReplySlot addSlotOfUpload(@Nullable Command command, ByteBuf buf, int index, int length) {
    ReplySlot slot = addSlot();
    requestTaken();
    if (command != null) {
      lane.isOnItsWay(!command.onlyReads());
      slot.begin(command, arrivedNanos, buf, index, length, false);
    }
    return slot;
  }

  /** The reply to a request that has had a slot is over. */
  void replyOver(PendingReply reply, Command command) {
    lane.isOver(!command.onlyReads());
    pool.insight().over(session, reply, command);
  }

  /** So many bytes more of a large request have come. */
  void uploaded(int bytes, boolean ended) {
    ReplySlot slot = replies.head(); // nobody else's, until it has its reply
    if (slot != null) {
      slot.moreOfRequest(bytes, ended ? worker.nowNanos() : slot.arrivedNanos());
    }
  }

  @Override
  public void answerLate(long millis, Runnable over) {
    ReplySlot late = addSlot(); // whose reply is nothing, and behind which others wait
    late.isNoReply();
    waitForReplies();
    worker
        .eventLoop()
        .schedule(
            () -> {
              over.run();
              late.give(PendingReply.NOTHING);
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public long settledReplies() {
    return replies.settledReplies();
  }

  // ---------------------------------------------------------------- nodes

  @Override
  public Lane lane() {
    return lane;
  }

  private void takeNewLane() {
    Lane before = lane;
    lane = newLane();
    lane.continues(before);
    if (written != Written.NOTHING) {
      written = Written.ELSEWHERE_TOO;
    }
  }

  private Lane newLane() {
    Lane shared = pool.laneOf(session);
    return tracker == null ? shared : tracker.lane(shared);
  }

  /** The client's requests take other connections: those that are under way come first. */
  private void laneChanged() {
    takeNewLane();
    waitForReplies();
  }

  @Override
  public Written written() {
    return written;
  }

  @Override
  public void wroteElsewhere(Node to) {
    lane.wrote(to);
    written = Written.ELSEWHERE_TOO;
  }

  @Override
  public void track(@Nullable Tracker own) {
    tracker = own;
    afterNextRequest = null; // it was about the connections of before
    laneChanged();
  }

  /**
   * Keys are elsewhere, or connections are others. What is under way comes first, so that requests
   * are executed in their order; a wait on a node that is no more ends, as {@code CLIENT UNBLOCK}
   * would end it, so that nothing is lost that the node gives at the same time.
   *
   * @param inRequest whether the client is in the middle of a request, whose end it waits for
   *     anyway
   */
  void routesChanged(boolean inRequest) {
    Lane before = lane;
    takeNewLane();
    if (pool.router().table().slotsMove() && lane.goesAs(before)) {
      replies.unsettle(); // only slots have moved: what has the same is looked at one by one
    } else if (!inRequest) {
      waitForReplies();
    }
    if (mode.waitsInVain()) {
      mode.unblock(true, unblocked -> {});
    }
  }

  // ---------------------------------------------------------------- modes and messages

  @Override
  public Mode mode() {
    return mode;
  }

  @Override
  public void enter(Mode newMode) {
    mode = newMode;
  }

  @Override
  public void leave(Mode oldMode) {
    if (mode == oldMode) {
      mode = Mode.NORMAL;
      listenIfSubscribed();
    }
  }

  private void listenIfSubscribed() {
    boolean listens = session.subscribed() && !session.resp3();
    if (listens && mode == Mode.NORMAL) {
      mode = new Listening(this);
    } else if (!listens && mode.listens()) {
      mode = Mode.NORMAL;
    }
  }

  @Override
  public void unblock(boolean withError, Consumer<Boolean> done) {
    mode.unblock(withError, done);
  }

  /** The transaction, or what is watched for one. */
  Transaction transaction() {
    Transaction current = transaction;
    if (current == null) {
      transaction = current = new Transaction(this);
    }
    return current;
  }

  /** Whether the client is between MULTI and EXEC, or watches keys. */
  boolean transactionUnderWay() {
    return transaction != null && transaction.underWay();
  }

  @Override
  public void subscribed(int channels, int patterns, int shardChannels) {
    int before = session.subscribed() ? 1 : 0;
    session.subscribed(channels, patterns, shardChannels);
    recorder.subscribers += (session.subscribed() ? 1 : 0) - before;
    listenIfSubscribed();
  }

  @Override
  public void push(ByteBuf message, int index, int length) {
    push(message, index, length, false);
  }

  @Override
  public void pushInOrder(ByteBuf message, int index, int length) {
    push(message, index, length, true);
  }

  private void push(ByteBuf message, int index, int length, boolean inOrder) {
    if (connection.over()) {
      return;
    }
    try {
      replies.push(message, index, length, inOrder);
      checkUnsentMessages();
    } catch (OutOfMemoryError e) { // of buffers; the others that listen can do nothing about it
      connection.closeForMemory();
    }
  }

  /** Closes a subscriber that does not read: what is published does not wait for it. */
  void checkUnsentMessages() {
    if (session.subscribed() && replies.tooManyUnsentMessages()) {
      connection.closeSlowSubscriber();
    }
  }

  // ---------------------------------------------------------------- who it is

  @Override
  public void become(User user) {
    session.become(user, true);
    connection.userChanged();
  }

  @Override
  public void speak(boolean resp3, int database) {
    if (session.resp3() != resp3 || session.database() != database) {
      if (transaction != null) {
        transaction.laneChanged(session.resp3() == resp3, database);
      }
      session.resp3(resp3);
      session.database(database);
      if (tracker != null) {
        tracker.speak(resp3, database);
      }
      laneChanged();
      listenIfSubscribed();
    }
  }

  /** The pool has other users: the client has the rights of the one of its name, or ends. */
  void usersChanged(Users users) {
    User same = users.find(session.user());
    if (session.authenticated() && (same == null || !same.enabled())) {
      closeAfterReplies();
    } else {
      session.become(same == null ? users.defaultUser() : same, session.authenticated());
    }
  }

  @Override
  public void reset() {
    forgetOnNodes();
    speak(false, 0);
    replyMode.reset();
    session.reset(pool.users());
    connection.userChanged();
  }

  /** Ends what nodes, and others for them, remember of this client. */
  void forgetOnNodes() {
    if (transaction != null) {
      transaction.abandon();
    }
    mode.abandon();
    pool.forget(this);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void closeAfterReplies() {
    connection.closeAfterReplies();
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public void closeSlowSubscriber() {
    connection.closeSlowSubscriber();
  }

  @Override
  public boolean over() {
    return connection.over();
  }

  @Override
  public Figures figures() {
    return connection.figures();
  }
}
