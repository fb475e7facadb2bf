package io.cashew.proxy.client;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.command.RequestPolicy;
import io.cashew.proxy.loop.LastBytes;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.ClientErrorKind;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Merger;
import io.cashew.proxy.route.Router;
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
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: cuts its bytes into requests, sends each where it belongs, and gives the replies in
 * the order of the requests. Confined to its worker.
 *
 * <p>Requests are read where they were received; only the end of one that is not complete is
 * copied, into {@link #tail}. While a limit is reached (requests in flight, replies not read, a
 * node that does not take more) the client is paused: nothing is read from it, and what it has
 * already sent waits in the tail.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ClientHandler.class);

  /** A request that has grown to this size without an end is sent on as it comes, if it can be. */
  static final int STREAM_FROM = 256 << 10;

  /** What a client may send while it is blocked, before it is no longer read from. */
  private static final int READ_WHILE_BLOCKED = 64 << 10;

  /** How long a client that is to be closed may take to read its last replies. */
  private static final long FINISH_MILLIS = 30_000;

  /** No request has begun that is not complete. */
  private static final long NOT_BEGUN = -1;

  private final ClientPool pool;
  private final Worker worker;
  private final PoolRecorder recorder;
  private final RequestInsight insight;
  private final Channel channel;
  private final Outbound outbound;
  private final RequestDecoder decoder;
  private final Session session;
  private final ReplyMode replyMode = new ReplyMode();
  private Lane lane;

  private Written written = Written.NOTHING;
  private final long connectedTickMillis;

  private final ReplyQueue replies;
  private @Nullable ClientSubscriptions subscriptions;

  private final Tail tail;
  private final Gate gate;
  private boolean processing;
  private boolean resumeScheduled;
  private final Runnable resume = this::resume;

  private @Nullable Upload upload;

  /** Of a client that has spoken of tracking once. */
  private @Nullable Tracking tracking;

  /** Of a client that has said MULTI or WATCH once. */
  private @Nullable Transaction transaction;

  /** The blocking command that the client waits for; null: it does not. */
  private @Nullable Blocked blocked;

  private long lastReadMillis;

  /** The tick in which the worker was last told that this client is active. */
  private long activeMillis;

  /** When bytes came last: what waits for its turn has been here since then at least. */
  private long lastReadNanos;

  /** Clients that have left were looked for since bytes came last. */
  private boolean departuresSeen;

  /** The request that is being begun, until it has a slot; null: none that is timed. */
  private @Nullable Command beginning;

  private boolean beginningBlocks;

  /** At the last look: it was owed a reply, or messages. */
  private boolean wasBusy;

  /** When the request began that is not complete, or moved, if it is passed on as it comes. */
  private long begunMillis = NOT_BEGUN;

  /** A request has grown large and must be held until it is whole. */
  private boolean gathering;

  /** The client has said that it will send nothing more. */
  private boolean inputEnded;

  private Closing closing = Closing.OPEN;

  ClientHandler(ClientPool pool, Channel channel) {
    this.pool = pool;
    this.channel = channel;
    worker = pool.worker();
    recorder = pool.recorder();
    insight = pool.insight();
    outbound = new Outbound(worker, channel, Outbound.Side.CLIENT);
    session = new Session(pool.guard().users(), channel);
    decoder = new RequestDecoder(limits());
    replies = new ReplyQueue(this, channel, outbound);
    gate = new Gate(replies);
    tail = new Tail(worker.allocator());
    // With TLS it is not this handler that gets what was received.
    channel
        .config()
        .setRecvByteBufAllocator(
            Tls.isOn(channel) ? worker.receiveBuffers() : worker.receiveBuffers(tail::room));
    lane = newLane();
    lastReadMillis = worker.tickMillis();
    connectedTickMillis = lastReadMillis;
  }

  private RespLimits limits() {
    return session.authenticated() ? pool.settings().limits() : RespLimits.BEFORE_AUTH;
  }

  ClientPool pool() {
    return pool;
  }

  Session session() {
    return session;
  }

  ReplyMode replyMode() {
    return replyMode;
  }

  /** The client has proved who it is. */
  void become(User user) {
    session.become(user, true);
    decoder.limits(limits());
  }

  /** The client is as if it had just connected. */
  void resetSession() {
    session.reset(pool.guard().users());
    decoder.limits(limits());
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

  /** The pool has other settings. */
  void settingsChanged() {
    decoder.limits(limits());
    replies.settingsChanged();
    int unsent = pool.settings().unsentBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(unsent / 2, unsent));
    resumeSoon();
  }

  /**
   * Keys are elsewhere, or connections are others. What is under way comes first, so that requests
   * are executed in their order; a wait on a node that is no more ends, as {@code CLIENT UNBLOCK}
   * would end it: so that nothing is lost that the node gives at the same time.
   */
  void routesChanged() {
    if (session.database() >= pool.router().databases()) {
      close(); // there is no such database any more
      return;
    }
    takeNewLane();
    if (upload == null || !upload.started()) { // else it waits for that one's end anyway
      waitForReplies();
    }
    if (upload != null) {
      upload.lookAgain();
    }
    if (blocked != null && blocked.waitsInVain()) {
      blocked.unblock(true, unblocked -> {});
    }
  }

  /** Which connections to nodes this client's requests take. */
  Lane lane() {
    return lane;
  }

  /**
   * The client speaks a version of the protocol and means a database from now on. If its requests
   * take other connections then, those that are under way come first.
   */
  void speak(boolean resp3, int database) {
    if (session.resp3() != resp3 || session.database() != database) {
      if (transaction != null) {
        transaction.laneChanged(session.resp3() == resp3, database);
      }
      session.resp3(resp3);
      session.database(database);
      Tracker tracker = tracking == null ? null : tracking.tracker();
      if (tracker != null) {
        tracker.speak(resp3, database);
      }
      laneChanged();
    }
  }

  /** The client's requests take other connections: those that are under way come first. */
  void laneChanged() {
    takeNewLane();
    waitForReplies();
  }

  private void takeNewLane() {
    lane = newLane();
    if (written != Written.NOTHING) {
      wroteElsewhere();
    }
  }

  private Lane newLane() {
    Lane shared = pool.router().lane(session.id(), session.resp3(), session.database());
    Tracker tracker = tracking == null ? null : tracking.tracker();
    return tracker == null ? shared : tracker.lane(shared);
  }

  /** What it has asked to be told of keys. */
  Tracking tracking() {
    Tracking current = tracking;
    if (current == null) {
      tracking = current = new Tracking(this);
    }
    return current;
  }

  /** Which connections its writes have gone over. */
  Written written() {
    return written;
  }

  /** It may have written over a connection that it leases. */
  void wroteElsewhere() {
    written = Written.ELSEWHERE_TOO;
  }

  /** When it came, in ticks of the worker. */
  long connectedTickMillis() {
    return connectedTickMillis;
  }

  /** The client that gets this one's invalidation messages: 0 is itself, -1 none is sent. */
  long redirect() {
    return tracking == null ? -1 : tracking.redirect();
  }

  // ---------------------------------------------------------------- bytes in

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    session.requested(null, worker.tickMillis());
    pool.add(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      if (takesNoMore()) {
        return;
      }
      int readable = in.readableBytes();
      recorder.requestBytes += readable;
      lastReadMillis = worker.tickMillis();
      if (activeMillis != lastReadMillis) {
        activeMillis = lastReadMillis;
        worker.clientActive();
      }
      lastReadNanos = worker.nowNanos();
      departuresSeen = false;
      if (tail.bytes() != null) {
        tail.append(in, in.readerIndex(), readable, decoder.needed());
        processTail();
      } else {
        int consumed = process(in, in.readerIndex(), in.writerIndex());
        if (consumed < in.writerIndex() && !takesNoMore()) {
          tail.append(in, consumed, in.writerIndex() - consumed, decoder.needed());
        }
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    leaveIfBetweenRequests(); // what it asked was answered here, without a slot
  }

  private void processTail() {
    ByteBuf bytes = tail.bytes();
    if (bytes == null) {
      return;
    }
    int consumed = process(bytes, bytes.readerIndex(), bytes.writerIndex());
    if (tail.bytes() == null) {
      return; // closed meanwhile
    }
    if (consumed == bytes.writerIndex() || takesNoMore()) {
      tail.drop();
    } else {
      bytes.readerIndex(consumed);
    }
  }

  /**
   * Handles requests until there is no whole one left or the client is paused.
   *
   * @return index of the first byte that was not taken
   */
  private int process(ByteBuf in, int from, int to) {
    RequestFrame frame = pool.frame();
    int at = from;
    processing = true;
    try {
      while (at < to && !takesNoMore() && !mustPause()) {
        if (upload != null) {
          int taken = upload.take(in, at, to);
          uploaded(taken - at, upload.ended());
          begunMillis = worker.tickMillis();
          if (upload.ended()) {
            upload = null;
            begunMillis = NOT_BEGUN;
            waitForReplies();
          } else if (taken == at) {
            break;
          }
          at = taken;
        } else if (decoder.decode(in, at, to, frame)) {
          gathering = false;
          begunMillis = NOT_BEGUN;
          holdBack(pool.pause().active() && isToWait(frame));
          if (!gate.has(Hold.PAUSE) && handle(frame)) {
            at = frame.next();
          } // else it is decoded again when the gate opens
        } else {
          incomplete(in, at, to, frame);
          if (upload == null && !gate.has(Hold.PAUSE)) {
            break;
          }
        }
      }
    } catch (ProtocolException e) {
      protocolError(e);
      at = to;
    } finally {
      processing = false;
    }
    return at;
  }

  private void protocolError(ProtocolException e) {
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
        pool.foreignClients().saw(session.peer(), String.valueOf(e.getMessage()));
        recorder.refused(RefusalKind.PROTOCOL);
        recorder.clientError(ClientErrorKind.PROTOCOL);
      }
    }
    endWith(Replies.error("ERR " + e.getMessage()));
  }

  /** Answers with an error instead of what was begun, and ends the connection. */
  private void endWith(byte[] error) {
    boolean given = upload != null && upload.abort(error);
    upload = null;
    if (!given) {
      reply(error);
    }
    closeAfterReplies();
  }

  // ---------------------------------------------------------------- requests

  /**
   * Takes a request, unless it must wait.
   *
   * @return whether it has been taken; if not, the {@link #gate} has a {@link Hold}, and the
   *     request comes again when that is over
   */
  private boolean handle(RequestFrame frame) {
    boolean taken = frame.argc() == 0 || answerOrSend(frame);
    if (taken && frame.argc() > 0) {
      recorder.requests++;
      replyMode.requestTaken();
    }
    return taken;
  }

  private boolean answerOrSend(RequestFrame frame) {
    CommandTable commands = pool.commands();
    Command command = commands.find(frame.buf(), frame.offset(0), frame.length(0));
    session.requested(command, worker.tickMillis());
    if (command == null) {
      refuse(RefusalKind.UNKNOWN_COMMAND, CommandErrors.unknownCommand(frame));
      return true;
    }
    if (command.isContainer() && frame.argc() > 1) {
      Command container = command;
      command = commands.findSubcommand(container, frame);
      if (command == null) {
        refuse(RefusalKind.UNKNOWN_COMMAND, CommandErrors.unknownSubcommand(container, frame));
        return true;
      }
      session.requested(command, worker.tickMillis());
    }
    if (!command.takes(frame.argc())) {
      String error = CommandErrors.wrongArity(command);
      if (command.has(Property.EXECUTES_QUEUED)) {
        error = transaction().malformedExec(error);
      }
      refuse(RefusalKind.WRONG_ARITY, error);
      return true;
    }
    if (!session.authenticated() && !command.has(CommandFlag.NO_AUTH)) {
      refuse(RefusalKind.NOT_AUTHENTICATED, "NOAUTH Authentication required.");
      return true;
    }
    if (session.restricted() && !pool.guard().admits(this, command, frame)) {
      return true;
    }
    if (listensOnly() && !PubSubRequests.allowedToSubscribers(command)) {
      refuse(RefusalKind.WRONG_STATE, PubSubRequests.refusedToSubscribers(command));
      return true;
    }
    if (transaction != null && transaction.queues(command)) {
      insight.queued(command);
      transaction.queue(frame, command);
      return true;
    }
    Kind kind = command.kind(frame);
    if (!replies.isEmpty()
        && (kind.waitsForReplies() || command.isAlone())
        && (transaction == null || !transaction.open())) {
      waitForReplies();
      return false;
    }
    if (replies.fullOfMerged() && (kind == Kind.SPLIT || kind == Kind.KEYSPACE)) {
      gate.hold(Hold.MERGED_REPLIES);
      return false;
    }
    if (command.mayServeWaiters() && !departuresSeen && looksForDepartures(frame, command)) {
      return false;
    }
    if (kind != Kind.LOCAL && worker.shortOfMemory()) {
      refuse(
          RefusalKind.SHORT_OF_MEMORY,
          "ERR The proxy is short of memory (memory-limit), the request was not sent");
      return true;
    }
    if (written == Written.NOTHING && kind.sharesConnections() && !command.onlyReads()) {
      written = Written.ON_ITS_LANE;
    }
    insight.begins(frame, command);
    beginning = kind == Kind.LOCAL ? null : command;
    beginningBlocks = kind == Kind.BLOCKING;
    switch (kind) {
      case FORWARD -> forward(frame, command);
      case SPLIT -> split(frame, command);
      case LOCAL -> local(frame, command);
      case KEYSPACE -> keyspace(frame, command);
      case ONE_NODE -> oneNode(frame, command);
      case ADMIN -> admin(frame, command);
      case BLOCKING -> block(frame, command);
      case TRANSACTION -> transaction().run(command, frame);
      case PUBSUB -> pool.pubSubRequests().run(command, this, frame);
      case REFUSED -> refuse(RefusalKind.REFUSED_COMMAND, CommandErrors.refused(command));
    }
    beginning = null;
    if (tracking != null && kind != Kind.LOCAL && !inTransaction()) {
      tracking.sent();
    }
    return true;
  }

  /** Whether a request has to wait until clients that have left are forgotten at its node. */
  private boolean looksForDepartures(RequestFrame frame, Command command) {
    if (!pool.router().mayBeWaitedFor()) {
      return false;
    }
    if (command.kind() == Kind.KEYSPACE) {
      return looksForDepartures(pool.router().nodesThatAreWaitedFor());
    }
    Node node =
        transaction != null && transaction.open()
            ? transaction.node()
            : pool.router().nodeOfFirstKey(frame, command);
    return node != null && node.isWaitedFor() && looksForDepartures(List.of(node));
  }

  private boolean looksForDepartures(List<Node> nodes) {
    if (nodes.isEmpty()) {
      return false;
    }
    gate.hold(Hold.DEPARTURES);
    int[] unseen = {nodes.size()};
    for (Node node : nodes) {
      pool.departures()
          .look(
              node,
              () -> {
                if (--unseen[0] == 0) {
                  gate.release(Hold.DEPARTURES);
                  departuresSeen = true;
                  resumeSoon();
                }
              });
    }
    return true;
  }

  private void local(RequestFrame frame, Command command) {
    long bytes = frame.length();
    pool.localCommands().run(command, this, frame);
    insight.answeredHere(this, command, lastReadNanos, bytes);
  }

  /** Whether the client is between MULTI and EXEC. */
  boolean inTransaction() {
    return transaction != null && transaction.open();
  }

  /** A command that this version does not carry out. */
  void refuseCommand(Command command) {
    String name = command.name().replace('|', ' ').toUpperCase(Locale.ROOT);
    refuse(RefusalKind.REFUSED_COMMAND, "ERR " + name + " is not available through this proxy yet");
  }

  void refuse(RefusalKind kind, String error) {
    Command asked = session.lastRow();
    recorder.refused(asked != null && asked.isSentAtConnect() ? kind.atConnect() : kind);
    insight.rejected(asked, error);
    if (transaction != null) {
      transaction.refused();
    }
    ByteBuf reply = worker.allocator().directBuffer();
    try {
      CommandErrors.write(error, reply);
      reply(reply);
    } finally {
      reply.release();
    }
  }

  private void forward(RequestFrame frame, Command command) {
    ReplySlot slot = addSlot();
    if (pool.settings().retriesReads() && command.onlyReads()) {
      slot.mayBeSentOnceMore(frame);
    }
    boolean sent = pool.router().forward(frame, command, slot, lane());
    slot.sentTo(sent ? pool.router().lastBackend() : null);
    routed(slot, sent);
  }

  /** What follows from a request's having gone to nodes, or having been refused. */
  private void routed(ReplySlot slot, boolean sent) {
    if (sent) {
      pauseWhileOverloaded(pool.router().overloaded());
    } else {
      slot.give(pool.router().refusal());
    }
  }

  /** Sends a request to a node of the proxy's choice; borrows the bytes. */
  void sendTo(int node, ByteBuf buf, int index, int length, InFlight reply) {
    Backend backend = pool.router().backends().get(node);
    backend.send(buf, index, length, reply, lane());
    pauseWhileOverloaded(backend.overloaded(lane()) ? backend : null);
  }

  /**
   * Passes a request that is answered here on to a node that has been running a script for long,
   * which knows better whether requests are taken. On a connection of its own: on that of the
   * script it would wait for the script's end. A client that is owed a reply waits for that first,
   * which may be the script's: then the question would be asked too early.
   *
   * @return whether it was passed on
   */
  boolean askNodeInLongScript(RequestFrame frame) {
    Backend backend = !replies.isEmpty() ? null : pool.router().backendInLongScript();
    if (backend == null) {
      return false;
    }
    pool.router().sendApart(backend, frame, addSlot(), lane());
    return true;
  }

  /** Nothing more is taken until the client is owed nothing. */
  void waitForReplies() {
    gate.hold(Hold.OWED_REPLIES);
  }

  private Transaction transaction() {
    Transaction current = transaction;
    if (current == null) {
      transaction = current = new Transaction(this);
    }
    return current;
  }

  /** Sends a request that may wait on its node, on a connection of this client's own. */
  private void block(RequestFrame frame, Command command) {
    if (inputEnded) {
      closeAfterReplies(); // it may have left, and nothing would tell that it has
      return;
    }
    ReplySlot slot = addSlotThatPushesPass();
    int node = pool.router().nodeOf(frame, command);
    if (node == Router.REFUSED) {
      slot.give(pool.router().refusal());
      return;
    }
    waitForReplies();
    Runnable over = () -> blocked = null;
    List<Backend> backends = pool.router().backends();
    if (node != Router.NO_KEYS) {
      wroteElsewhere();
      BlockedOnKeys waiting = new BlockedOnKeys(slot, over);
      blocked = waiting;
      waiting.on(backends.get(node), this, frame, command);
    } else {
      BlockedOnReplicas waiting = new BlockedOnReplicas(slot, over, this, frame, command);
      blocked = waiting;
      waiting.on(backends);
    }
  }

  /**
   * Ends the wait for a blocking command.
   *
   * @param done hears whether there was one
   */
  void unblock(boolean withError, Consumer<Boolean> done) {
    if (blocked == null) {
      done.accept(false);
    } else {
      blocked.unblock(withError, done);
    }
  }

  private void split(RequestFrame frame, Command command) {
    ReplySlot slot = addSlotForMerged();
    routed(slot, pool.router().split(frame, command, slot, lane()));
  }

  private void keyspace(RequestFrame frame, Command command) {
    if (command.requestPolicy() == RequestPolicy.SPECIAL) {
      ReplySlot slot = addSlotForMerged();
      routed(slot, pool.router().special(frame, command, slot, lane()));
    } else {
      if (command.has(Property.LOADS_SCRIPT)) {
        pool.directory().scripts().loads(frame);
      }
      pool.router().sendToAll(frame, command, addSlotForMerged(), lane());
      pauseWhileOverloaded(pool.router().overloaded());
    }
  }

  private void oneNode(RequestFrame frame, Command command) {
    if (pool.router().readers().size() == 1) {
      forward(frame, command);
    } else {
      refuse(RefusalKind.REFUSED_COMMAND, CommandErrors.refused(command));
    }
  }

  /** Asks every node on this client's behalf; its reply is what {@code merger} makes of theirs. */
  void ask(ByteBuf request, Merger merger) {
    pool.router().askAll(request, merger, addSlotForMerged(), lane());
    pauseWhileOverloaded(pool.router().overloaded());
  }

  private void admin(RequestFrame frame, Command command) {
    if (pool.settings().adminCommands()) {
      if (command.firstKey() > 0) {
        forward(frame, command);
      } else {
        keyspace(frame, command);
      }
    } else if (pool.localCommands().answersInstead(command)) {
      beginning = null;
      if (command.arityMatches(frame.argc())) {
        local(frame, command);
      } else {
        refuse(RefusalKind.WRONG_ARITY, CommandErrors.wrongArity(command));
      }
    } else {
      refuseAdministration(command);
    }
  }

  /** Refuses what is left to those who administer the nodes. */
  void refuseAdministration(Command command) {
    String name = command.name().replace('|', ' ').toUpperCase(Locale.ROOT);
    refuse(
        RefusalKind.REFUSED_COMMAND,
        "ERR "
            + name
            + " administers a node and is refused by this proxy; its setting admin-commands ="
            + " all-nodes allows it"
            + (command.has(Property.SETS_CONFIGURATION)
                ? ", or set it at the nodes themselves"
                : ""));
  }

  // ---------------------------------------------------------------- large requests

  /** Bytes are missing. A request that has grown large begins its way to its node as it is. */
  private void incomplete(ByteBuf in, int from, int to, RequestFrame frame) {
    if (begunMillis == NOT_BEGUN) {
      begunMillis = worker.tickMillis();
    }
    if (to - from < STREAM_FROM) {
      return;
    }
    Backend backend = null;
    if (!gathering) {
      holdBack(pool.pause().active()); // what is so large hardly reads: better late than early
      if (gate.has(Hold.PAUSE)) {
        return;
      }
      gathering = true; // looking once is enough: the first key is among the first bytes
      decoder.partial(in, from, to, frame);
      backend = backendOfPartial(frame);
    }
    if (backend != null) {
      gathering = false;
      recorder.requests++;
      wroteElsewhere();
      upload = new Upload(this, backend, commandOfPartial(frame), decoder);
      waitForReplies();
    } else if (to - from > pool.settings().gatheredRequestBytes()) {
      throw new ProtocolException(
          "Protocol error: too big request: more than "
              + pool.settings().gatheredRequestBytes()
              + " bytes can only be sent for a single key",
          ProtocolException.Fault.TOO_LARGE);
    }
  }

  private @Nullable Command commandOfPartial(RequestFrame frame) {
    return pool.commands().find(frame.buf(), frame.offset(0), frame.length(0));
  }

  /** Where a request goes of which only the beginning is there; null if its end may change that. */
  private @Nullable Backend backendOfPartial(RequestFrame frame) {
    boolean queued = transaction != null && transaction.open();
    if (frame.argc() == 0 || !session.authenticated() || queued) {
      return null;
    }
    Command command = commandOfPartial(frame);
    int argc = frame.argc() + decoder.argumentsLeft();
    if (command == null
        || command.kind() != Kind.FORWARD
        || !command.takes(argc)
        || listensOnly()) {
      return null;
    }
    if (session.restricted() && !pool.guard().admitsPartial(this, command, frame)) {
      return null;
    }
    return pool.router().backendOfPartial(frame, command);
  }

  /**
   * Where a request goes of which the beginning is there.
   *
   * @param before is given back if that cannot be told
   */
  Backend backendOfPartial(RequestDecoder by, ByteBuf in, int from, int to, Backend before) {
    RequestFrame frame = pool.frame();
    by.partial(in, from, to, frame);
    Command command = pool.commands().find(frame);
    Backend now = command == null ? null : pool.router().backendOfPartial(frame, command);
    return now == null ? before : now;
  }

  // ---------------------------------------------------------------- pausing

  /** Whether nothing may be taken now; the client is then not read from until {@link #resume}. */
  private boolean mustPause() {
    if (!held()) {
      return false;
    }
    if (!gate.isShut()) {
      gate.shut();
      recorder.readPauses++;
    }
    // Keep reading a blocked client even if it was paused: only a read shows that it has left.
    channel.config().setAutoRead(blocked() && tail.length() <= READ_WHILE_BLOCKED);
    return true;
  }

  private boolean held() {
    Upload current = upload;
    if (current != null && current.started()) { // that request is in flight already
      return gate.holdsRest() || current.blocked();
    }
    return gate.holdsRequest();
  }

  private boolean isToWait(RequestFrame frame) {
    boolean queuesWrites = transaction != null && transaction.queuesWrites();
    return pool.pause().holds(frame, session.authenticated(), queuesWrites);
  }

  private void holdBack(boolean now) {
    if (now && !gate.has(Hold.PAUSE)) {
      gate.hold(Hold.PAUSE);
      pool.directory().addWaiting(1);
    } else if (!now && gate.has(Hold.PAUSE)) {
      gate.release(Hold.PAUSE);
      pool.directory().addWaiting(-1);
    }
  }

  /** {@code CLIENT PAUSE} has ended. */
  void pauseIsOver() {
    if (gate.has(Hold.PAUSE)) {
      holdBack(false);
      resumeSoon();
    }
  }

  private void pauseWhileOverloaded(@Nullable Backend backend) {
    if (backend != null && !gate.has(Hold.OVERLOADED_NODE)) {
      gate.hold(Hold.OVERLOADED_NODE);
      backend.whenDrained(
          lane(),
          () -> {
            gate.release(Hold.OVERLOADED_NODE);
            resumeSoon();
          });
    }
  }

  /** Looks soon, and not within whatever is going on, whether the client may go on. */
  void resumeSoon() {
    if (gate.isShut() && !resumeScheduled && !closed()) {
      resumeScheduled = true;
      worker.eventLoop().execute(resume);
    }
  }

  private void resume() {
    resumeScheduled = false;
    if (takesNoMore() || held()) {
      return;
    }
    gate.open();
    processTail();
    if (gate.isShut() || takesNoMore()) {
      return;
    }
    if (inputEnded) {
      inputIsOver();
    } else {
      channel.config().setAutoRead(true);
      leaveIfBetweenRequests();
    }
  }

  // ---------------------------------------------------------------- replies

  /** A slot behind all others of this client. */
  ReplySlot addSlot() {
    ReplySlot slot = replies.add(replyMode.muted());
    Command command = beginning;
    if (command != null) {
      beginning = null;
      RequestFrame frame = pool.frame();
      slot.begin(
          command, lastReadNanos, frame.buf(), frame.start(), frame.length(), beginningBlocks);
      slot.moreOfRequest(frame.length(), lastReadNanos);
    }
    return slot;
  }

  /** A slot for a large request that begins with these bytes. */
  ReplySlot addSlotOfUpload(
      @Nullable Command command, ByteBuf buf, int index, int length, Backend backend) {
    ReplySlot slot = addSlot();
    replyMode.requestTaken();
    if (command != null) {
      slot.begin(command, lastReadNanos, buf, index, length, false);
      slot.sentTo(backend);
    }
    return slot;
  }

  /** So many bytes more of a large request have come. */
  private void uploaded(int bytes, boolean ended) {
    ReplySlot slot = replies.head(); // nobody else's, until it has its reply
    if (slot != null) {
      slot.moreOfRequest(bytes, ended ? worker.nowNanos() : slot.arrivedNanos());
    }
  }

  /** As above, for a reply that is merged of those of several nodes, which are held until then. */
  private ReplySlot addSlotForMerged() {
    ReplySlot slot = addSlot();
    if (pool.router().backends().size() > 1) {
      replies.comesMerged(slot);
    }
    return slot;
  }

  /**
   * Keeps the reply to the request that is being handled back; nothing else is taken meanwhile.
   *
   * @param over runs when it is given, or would have been
   */
  void answerLate(long millis, Runnable over) {
    ReplySlot late = addSlot(); // whose reply is nothing, and behind which others wait
    late.isNoReply();
    waitForReplies();
    worker
        .eventLoop()
        .schedule(
            () -> {
              over.run();
              late.give(ReplySlot.NOTHING);
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  /** Where it is; null: at a unix socket, perhaps. */
  @Nullable SocketAddress address() {
    return channel.remoteAddress();
  }

  /** Gives a reply of the proxy's own in its turn; borrows it. */
  void reply(ByteBuf reply) {
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

  /** Gives a reply of the proxy's own in its turn. */
  void reply(byte[] reply) {
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

  /** How many replies of nodes the client has been given; -1 while one is owed. */
  long settledReplies() {
    return replies.settledReplies();
  }

  /** Replies are over: what waited for that goes on. */
  void repliesGiven() {
    resumeSoon();
    if (closing == Closing.LAST_REPLIES && replies.isEmpty()) {
      finish();
    }
    leaveIfBetweenRequests();
  }

  // ---------------------------------------------------------------- what others may know

  /** Whether the client waits: for a key, or for the end of {@code CLIENT PAUSE}. */
  boolean blocked() {
    return gate.has(Hold.PAUSE) || blocked != null;
  }

  /** Whether the connection has ended. */
  boolean closed() {
    return closing == Closing.CLOSED;
  }

  /** Whether it has been given all that it will be: to others it is gone. */
  boolean over() {
    return closing.over();
  }

  /** Whether no more requests are taken, and the connection ends with the last reply owed. */
  boolean closing() {
    return !closing.takesRequests();
  }

  /** Commands queued in a transaction; -1 outside of one. */
  int queuedCommands() {
    return transaction == null ? -1 : transaction.queuedCommands();
  }

  long idleSeconds() {
    return (worker.tickMillis() - session.lastTickMillis()) / 1000;
  }

  /** The number of the socket; -1 where the transport does not tell. */
  int fileDescriptor() {
    return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
  }

  /** Bytes of requests that are not done with, the one that is being handled included. */
  long unhandledBytes() {
    if (tail.bytes() != null) {
      return tail.length();
    }
    return processing ? pool.frame().length() : 0;
  }

  /** Bytes of the arguments of the request that is being handled. */
  long argumentBytes() {
    long bytes = 0;
    for (int i = 0; processing && i < pool.frame().argc(); i++) {
      bytes += pool.frame().length(i);
    }
    return bytes;
  }

  /** Bytes of replies and messages that are here for this client. */
  long queuedBytes() {
    return replies.bytes();
  }

  // ---------------------------------------------------------------- subscriptions

  /**
   * A slot for a request that may take long without a reply: messages come before it. Only when
   * nothing else is owed.
   */
  ReplySlot addSlotThatPushesPass() {
    ReplySlot slot = addSlot();
    replies.pushesPassLast();
    return slot;
  }

  /** What this client listens to. */
  ClientSubscriptions subscriptions() {
    ClientSubscriptions mine = subscriptions;
    if (mine == null) {
      subscriptions = mine = new ClientSubscriptions();
    }
    return mine;
  }

  /** The session tells how many subscriptions there are. */
  void subscriptionsChanged() {
    ClientSubscriptions mine = subscriptions();
    boolean before = session.subscribed();
    session.subscribed(
        mine.count(SubscriptionKind.CHANNEL),
        mine.count(SubscriptionKind.PATTERN),
        mine.count(SubscriptionKind.SHARD_CHANNEL));
    boolean now = session.subscribed();
    recorder.subscribers += (now ? 1 : 0) - (before ? 1 : 0);
  }

  /** Without replies: the client has left, or begins anew. */
  void unsubscribeFromAll() {
    ClientSubscriptions mine = subscriptions;
    if (mine != null) {
      pool.subscriptions().removeAll(this, mine);
      subscriptionsChanged();
      subscriptions = null;
    }
  }

  /** Whether every reply is a message to this client: it is subscribed, and speaks RESP2. */
  boolean listensOnly() {
    return session.subscribed() && !session.resp3();
  }

  /**
   * Gives a message between replies: not within one, not before those of requests that are under
   * way already, one of which may have caused it. As a node sends it to a client of RESP2; borrows
   * it.
   */
  void push(ByteBuf message, int index, int length) {
    push(message, index, length, false);
  }

  /**
   * The same for a message that came on a connection of this client's own: its order among the
   * replies there is known, and kept.
   */
  void pushInOrder(ByteBuf message, int index, int length) {
    push(message, index, length, true);
  }

  private void push(ByteBuf message, int index, int length, boolean inOrder) {
    if (closing.over()) {
      return;
    }
    try {
      replies.push(message, index, length, inOrder);
      checkUnsentMessages();
    } catch (OutOfMemoryError e) { // of buffers; the others that listen can do nothing about it
      closeForMemory();
    }
  }

  /** Gives the confirmations of a subscription, behind the messages that wait; borrows them. */
  void confirm(ReplySlot slot, ByteBuf confirmations) {
    replies.confirm(slot, confirmations);
  }

  /** Closes a subscriber that does not read: what is published does not wait for it. */
  void checkUnsentMessages() {
    if (!closed() && session.subscribed() && replies.tooManyUnsentMessages()) {
      closeSlowSubscriber();
    }
  }

  /** More has been published than this client may leave unread. */
  void closeSlowSubscriber() {
    if (!closed()) {
      LOG.warn(
          "client {} of pool '{}' is closed: it does not read its messages, {} bytes wait",
          session.peer(),
          pool.settings().pool(),
          replies.unsentMessageBytes());
      recorder.clientError(ClientErrorKind.SLOW_SUBSCRIBER);
      close();
    }
  }

  // ---------------------------------------------------------------- the end

  /** Whether nothing is read any more; a request that is on its way to its node is read whole. */
  private boolean takesNoMore() {
    return closed() || (!closing.takesRequests() && upload == null);
  }

  /** Takes no more requests; the connection ends with the last reply that is owed. */
  void closeAfterReplies() {
    if (!closing.takesRequests()) {
      return;
    }
    closing = Closing.LAST_REPLIES;
    if (upload != null && !upload.started()) {
      upload = null;
    }
    if (!processing && upload == null) {
      tail.drop();
    }
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
    pool.directory().remove(this);
    forgetOnNodes();
    unsubscribeFromAll();
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
              if (inputEnded
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

  /**
   * Whether the client has sent nothing for too long, or has begun a request and does not end it.
   * The time that it is not read from is not its own.
   */
  boolean looksAway(long nowMillis) {
    boolean busy = !replies.isEmpty() || blocked != null || gate.isShut() || session.subscribed();
    if (busy || wasBusy) { // it may have had its reply a moment ago
      lastReadMillis = nowMillis;
    }
    wasBusy = busy;
    if (gate.isShut() && begunMillis != NOT_BEGUN) {
      begunMillis = nowMillis;
    }
    return !takesNoMore() && (isIdle(nowMillis) || isSlow(nowMillis));
  }

  private boolean isIdle(long nowMillis) {
    long most = pool.settings().idleMillis();
    return most > 0 && nowMillis - lastReadMillis > most;
  }

  private boolean isSlow(long nowMillis) {
    long most = pool.settings().slowRequestMillis();
    return most > 0 && begunMillis != NOT_BEGUN && nowMillis - begunMillis > most;
  }

  /** Ends the connection of a client that {@link #looksAway}. */
  void giveUp(long nowMillis) {
    if (isSlow(nowMillis)) {
      LOG.debug(
          "client {} of pool '{}' is closed: a request is not complete after {} ms",
          session.peer(),
          pool.settings().pool(),
          pool.settings().slowRequestMillis());
      recorder.clientError(ClientErrorKind.SLOW_REQUEST);
      endWith(Replies.error("ERR Protocol error: the request took too long to arrive"));
    } else {
      LOG.debug(
          "client {} of pool '{}' is closed: it has been idle for {} ms",
          session.peer(),
          pool.settings().pool(),
          pool.settings().idleMillis());
      recorder.clientError(ClientErrorKind.IDLE);
      close();
    }
  }

  /** Part of a reply may be with the client already, and its rest will not come. */
  void breakOff(NodeFailure failure) {
    LOG.info(
        "client {} of pool '{}' is closed in the middle of a reply: {}",
        session.peer(),
        pool.settings().pool(),
        failure.text());
    close();
  }

  void closeForUnreadReplies() {
    if (!closed()) {
      LOG.warn(
          "client {} of pool '{}' is closed: it does not read its replies, {} bytes wait",
          session.peer(),
          pool.settings().pool(),
          outbound.pendingBytes());
      recorder.clientError(ClientErrorKind.UNREAD_REPLIES);
      close();
    }
  }

  /** Ends the connection because there is no memory for what the client leaves unread. */
  void closeForMemory() {
    if (!closed()) {
      LOG.warn(
          "client {} of pool '{}' is closed: memory-limit is reached, and {} bytes of replies wait"
              + " for it",
          session.peer(),
          pool.settings().pool(),
          replies.replyBytes());
      recorder.clientError(ClientErrorKind.SHORT_OF_MEMORY);
      close();
    }
  }

  /** Ends the connection now. What it waits for is for others from here on. */
  void close() {
    if (!closed()) {
      closing = Closing.CLOSED;
      if (blocked != null) {
        blocked.abandon();
      }
      channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = Closing.CLOSED;
    pool.remove(this);
    holdBack(false);
    if (!replies.isEmpty()) {
      recorder.clientError(ClientErrorKind.ABANDONED);
    }
    replies.end();
    if (upload != null) {
      upload.abort();
      upload = null;
    }
    forgetOnNodes();
    tail.drop();
    unsubscribeFromAll();
    outbound.discard();
  }

  /** Ends what nodes remember of this client. */
  void forgetOnNodes() {
    if (transaction != null) {
      transaction.abandon();
    }
    if (blocked != null) {
      blocked.abandon();
    }
    if (tracking != null) {
      tracking.end();
    }
  }

  /**
   * Its turn to leave has come: it does so when it is between two requests. A wait for what may
   * never come ends as {@code CLIENT UNBLOCK} would end it, so that nothing is lost that the node
   * gives at the same time.
   */
  void leave() {
    closing = closing.to(Closing.LEAVING);
    unblock(true, unblocked -> {});
  }

  /** Leaves if it has asked nothing for a while; a subscriber hears messages in between. */
  void leaveIfQuiet(long nowMillis) {
    if (session.subscribed() || nowMillis - lastReadMillis >= DrainTurns.QUIET_MILLIS) {
      leaveIfBetweenRequests();
    }
  }

  /** Whether the client is between MULTI and EXEC, or watches keys. */
  boolean transactionUnderWay() {
    return transaction != null && transaction.underWay();
  }

  private void leaveIfBetweenRequests() {
    if (closing == Closing.LEAVING
        && !processing
        && !gate.isShut()
        && replies.isEmpty()
        && tail.bytes() == null
        && upload == null
        && !transactionUnderWay()) {
      closeAfterReplies();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    boolean saidSo = event == SslCloseCompletionEvent.SUCCESS;
    if ((event instanceof ChannelInputShutdownEvent || saidSo) && !inputEnded && !closed()) {
      inputEnded = true;
      channel.config().setAutoRead(false);
      if (closing == Closing.FINISHING || blocked()) {
        close();
      } else if (!gate.isShut()) {
        inputIsOver();
      }
    } else if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess()) {
      tlsFailed(tls.cause());
    }
  }

  /** It does not speak TLS, or not so that it can be trusted: nothing has been read of it. */
  private void tlsFailed(Throwable cause) {
    if (!closed()) {
      LOG.debug(
          "client {} of pool '{}' is closed, TLS failed: {}",
          session.peer(),
          pool.settings().pool(),
          Tls.reason(cause));
      recorder.clientError(ClientErrorKind.TLS);
      close();
    }
  }

  /** Every request that was sent whole has been taken, and no other will come. */
  private void inputIsOver() {
    if (upload != null) {
      upload.abort();
      upload = null;
    }
    closeAfterReplies();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      replies.hasRoomAgain();
      resumeSoon();
    }
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
