package io.cashew.proxy.client.transaction;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.Refusals;
import io.cashew.proxy.client.answer.ConfigAnswers;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.command.RequestPolicy;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Route;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client's transaction, or the keys that it watches: both are on one node, and on a connection
 * that it leases there. Confined to the worker.
 *
 * <p>The node is that of the first key. {@code MULTI} and what is queued before a key is named wait
 * here; the node gets them with the first key. What the node says to each request goes to the
 * client as it is, so that {@code QUEUED}, {@code EXECABORT} and the nil of a changed watch are the
 * node's own. What is refused here is never queued there, and the transaction with it never runs.
 */
public final class Transaction implements Mode {
  static final byte[] QUEUED = Replies.simple("QUEUED");
  private static final byte[] EMPTY = Replies.bytes("*0\r\n");
  private static final byte[] NO_KEY_CHANGED = Replies.bytes("*-1\r\n");
  private static final byte[] MULTI = Replies.bytes("*1\r\n$5\r\nMULTI\r\n");
  private static final byte[] DISCARD = Replies.bytes("*1\r\n$7\r\nDISCARD\r\n");

  private final Client client;
  private final KeysElsewhere elsewhereKeys;

  /** To the node of the keys; null until one is named. */
  private @Nullable Lease lease;

  /** {@code MULTI} was said, and neither {@code EXEC} nor {@code DISCARD}. */
  private boolean open;

  /** The node has been told so. */
  private boolean nodeKnows;

  /** A request was refused: {@code EXEC} must fail. */
  private boolean doomed;

  /** Why, if the client has not been told; null: it has. */
  private @Nullable String unsaid;

  /** The node no longer watches what it was told to: {@code EXEC} must do nothing. */
  private boolean watchLost;

  /** What was queued before a key was named. */
  private @Nullable ByteBuf held;

  /** Ends of the requests in {@link #held}. */
  private int heldRequests;

  /** Commands that are queued, wherever. */
  private int queuedCommands;

  private boolean queuesWrites;

  /** What was queued that concerns every node; null: nothing. */
  private @Nullable OnOtherNodes elsewhere;

  /** The database that the transaction selects last; -1: none. */
  private int selects = -1;

  public Transaction(Client client) {
    this.client = client;
    elsewhereKeys = new KeysElsewhere(client, new Anew());
  }

  /** Where the keys are; null: none was named. */
  public @Nullable Node node() {
    Lease to = lease;
    return to == null ? null : to.backend().node();
  }

  /** Whether requests are being queued, or keys are watched for a transaction to come. */
  public boolean underWay() {
    return open || lease != null || watchLost;
  }

  @Override
  public int queuedCommands() {
    return open ? queuedCommands : -1;
  }

  @Override
  public boolean queuesWrites() {
    return open && queuesWrites;
  }

  private void count(Command command, RequestFrame frame) {
    queuedCommands++;
    queuesWrites |= client.pool().pause().mayWrite(command, frame);
    if (ofEveryNode(command)) {
      OnOtherNodes others = elsewhere;
      if (others == null) {
        elsewhere = others = new OnOtherNodes();
      }
      others.add(command, ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length()));
    }
  }

  /** Queues a request: between {@code MULTI} and {@code EXEC} nearly all are. */
  @Override
  public boolean takes(Command command, RequestFrame frame) {
    if (!open || command.has(Property.NOT_QUEUED)) {
      return false;
    }
    client.pool().insight().queued(command);
    queue(frame, command);
    return true;
  }

  /** Answers a command of kind {@link Kind#TRANSACTION} that is not queued. */
  public void run(Command command, RequestFrame frame) {
    switch (command.name()) {
      case "multi" -> multi();
      case "exec" -> exec(frame);
      case "discard" -> discard(frame);
      case "watch" -> watch(frame, command);
      case "unwatch" -> unwatch(frame);
      default -> Refusals.notYet(client, command);
    }
  }

  @Override
  public void refused() {
    doomed |= open;
  }

  // ---------------------------------------------------------------- the five commands

  /** A connection on which keys were watched may have ended: then nobody knows of changes. */
  private void noticeLostWatch() {
    if (lease != null && lease.lost() && !nodeKnows) {
      lease = null;
      watchLost = true;
    }
  }

  private void multi() {
    if (open) {
      client.reply(Replies.error("ERR MULTI calls can not be nested"));
      return;
    }
    open = true;
    client.enter(this);
    client.reply(Answers.OK);
  }

  private void watch(RequestFrame frame, Command command) {
    if (open) {
      client.reply(Replies.error("ERR WATCH inside MULTI is not allowed"));
      return;
    }
    noticeLostWatch();
    if (watchLost) {
      client.reply(Answers.OK); // EXEC will do nothing, whatever else is watched
      return;
    }
    Router router = client.pool().router();
    PendingReply slot = client.addSlot();
    Route route = onSameNode(router.find(frame, command), frame, command, router);
    Backend wanted = route.target();
    if (route.isRefused()) {
      slot.give(route.refusal());
    } else if (wanted != null && leaseTo(wanted, slot)) {
      elsewhereKeys.watch(slot, frame, command);
      askIfNeeded();
      send(frame, slot);
      client.waitForReplies();
    }
  }

  private void unwatch(RequestFrame frame) {
    noticeLostWatch();
    watchLost = false;
    Lease watching = lease;
    if (watching == null) {
      client.reply(Answers.OK);
      return;
    }
    PendingReply slot = client.addSlot();
    slot.whenOver(type -> end());
    send(frame, slot);
    client.waitForReplies();
  }

  private void discard(RequestFrame frame) {
    if (!open) {
      client.refuse(RefusalKind.BAD_ARGUMENT, "ERR DISCARD without MULTI");
      return;
    }
    close();
    if (nodeKnows && lease != null && !lease.lost()) {
      PendingReply slot = client.addSlot();
      slot.whenOver(type -> end());
      send(frame, slot);
      client.waitForReplies();
    } else {
      endUnwatched();
      client.reply(Answers.OK);
    }
  }

  private void exec(RequestFrame frame) {
    if (!open) {
      client.refuse(RefusalKind.BAD_ARGUMENT, "ERR EXEC without MULTI");
      return;
    }
    noticeLostWatch();
    boolean lost = lease != null && lease.lost();
    open = false;
    client.leave(this);
    if (doomed || lost) {
      RefusalKind kind = doomed ? RefusalKind.BAD_ARGUMENT : RefusalKind.NODE_FAILURE;
      String why = WhyAborted.text(doomed, unsaid, node());
      discardUnanswered();
      client.refuse(kind, "EXECABORT Transaction discarded because of" + why);
    } else if (watchLost) {
      discardUnanswered();
      client.reply(client.session().resp3() ? Answers.NULL : NO_KEY_CHANGED);
    } else if (!nodeKnows && heldRequests == 0 && lease == null) {
      close();
      client.reply(EMPTY);
    } else {
      PendingReply slot = client.addSlot();
      if (lease != null || leaseTo(client.pool().router().keylessBackend(), slot)) {
        tellNode();
        int selected = selects;
        OnOtherNodes others = elsewhere;
        Backend own = lease == null ? null : lease.backend();
        if (own != null) {
          client.wroteElsewhere(own.node());
        }
        slot.whenOver(
            type -> {
              end();
              if (selected >= 0 && type == '*') {
                client.speak(client.session().resp3(), selected);
              }
              if (others != null && type == '*') {
                others.run(client, own);
              }
            });
        elsewhereKeys.exec(slot);
        send(frame, slot);
        client.waitForReplies();
      }
      close();
    }
  }

  /** An {@code EXEC} that is none ends transaction and watching. @return what the client is told */
  public String malformedExec(String error) {
    discardUnanswered();
    return "EXECABORT Transaction discarded because of: " + error.substring("ERR ".length());
  }

  /** It is over and never runs; the client hears of it otherwise. */
  public void discardUnanswered() {
    close();
    if (nodeKnows && lease != null) {
      lease.send(DISCARD, text -> {});
    }
    endUnwatched();
  }

  // ---------------------------------------------------------------- what is queued

  private void queue(RequestFrame frame, Command command) {
    String refusal = isQuestionOfOneNode(frame, command) ? null : refusal(command.kind(), command);
    if (refusal != null) {
      client.refuse(RefusalKind.REFUSED_COMMAND, refusal);
      return;
    }
    if (command.has(Property.SELECTS_DATABASE) && !select(frame)) {
      return;
    }
    noticeLostWatch();
    Router router = client.pool().router();
    Route route = routeOf(frame, command, router);
    if (route.isRefused()) {
      byte[] error = route.refusal();
      doomed = true;
      client.addSlot().give(error);
      return;
    }
    Backend wanted = route.target();
    if (wanted == null && router.backends().size() == 1) {
      wanted = router.keylessBackend(); // whatever is named later
    }
    if (watchLost || (lease == null && wanted == null)) {
      if (command.arityMatches(frame.argc())) {
        hold(frame, command);
      } else {
        client.refuse(RefusalKind.WRONG_ARITY, CommandErrors.wrongArity(command));
      }
    } else {
      PendingReply slot = client.addSlot();
      boolean first = lease == null;
      if (!first || (wanted != null && leaseTo(wanted, slot))) {
        count(command, frame);
        elsewhereKeys.queue(slot, frame, command, first, held, heldRequests);
        tellNode();
        send(frame, slot);
      }
    }
  }

  /** Whether it is answered outside of a transaction as the only node answers it. */
  private boolean isQuestionOfOneNode(RequestFrame frame, Command command) {
    return client.pool().router().servers().size() == 1
        && command.has(Property.TELLS_SETTINGS)
        && ConfigAnswers.isOfOneNode(client, frame);
  }

  /** Why a command cannot be part of a transaction; null if it can. */
  private @Nullable String refusal(Kind kind, Command command) {
    boolean oneNode = client.pool().router().servers().size() == 1;
    boolean admin = client.pool().settings().adminCommands();
    boolean possible =
        switch (kind) {
          case FORWARD, SPLIT, TRANSACTION -> true;
          // A transaction's connection is not the one that has written.
          case BLOCKING -> !command.keySpecs().isEmpty();
          case PUBSUB -> !command.has(CommandFlag.NOSCRIPT);
          case LOCAL -> command.has(Property.NODE_ANSWERS_AS_WELL);
          case ONE_NODE -> oneNode;
          case KEYSPACE -> oneNode || (admin && oneNodeAnswersForAll(command));
          case ADMIN ->
              admin && (oneNode || command.firstKey() > 0 || oneNodeAnswersForAll(command));
          case REFUSED -> false;
        };
    if (possible) {
      return null;
    }
    if (kind == Kind.REFUSED || kind == Kind.ONE_NODE) {
      return CommandErrors.refused(command);
    }
    return "ERR "
        + command.name().replace('|', ' ').toUpperCase(Locale.ROOT)
        + (kind == Kind.KEYSPACE || kind == Kind.ADMIN
            ? " concerns every node and cannot be part of a transaction, which is on one"
            : " cannot be part of a transaction through this proxy");
  }

  /** Whether the reply to a command is that of one node, or the same of all. */
  private static boolean oneNodeAnswersForAll(Command command) {
    return switch (command.responsePolicy()) {
      case ALL_SUCCEEDED -> true;
      case DEFAULT ->
          command.kind() == Kind.ADMIN && command.requestPolicy() != RequestPolicy.SPECIAL;
      default -> false;
    };
  }

  /** Whether a command, outside of a transaction, goes to every node. */
  private static boolean ofEveryNode(Command command) {
    return command.kind() == Kind.KEYSPACE
        || (command.kind() == Kind.ADMIN && command.firstKey() == 0);
  }

  private boolean select(RequestFrame frame) {
    Long database = Arguments.number(Arguments.argument(frame, 1));
    if (database == null || database < 0 || database >= client.pool().router().databases()) {
      Answers.noSuchDatabase(client, database == null ? -1 : database);
      return false;
    }
    selects = database.intValue();
    return true;
  }

  private Route routeOf(RequestFrame frame, Command command, Router router) {
    if (command.kind() == Kind.PUBSUB || ofEveryNode(command)) {
      return router.withoutKeys();
    }
    return onSameNode(router.find(frame, command), frame, command, router);
  }

  /** Refuses keys that are on another node than those before them, or of another slot. */
  private Route onSameNode(Route route, RequestFrame frame, Command command, Router router) {
    Backend wanted = route.target();
    Backend own = lease == null ? null : lease.backend();
    boolean isElsewhere =
        wanted != null
            && own != null
            && !router.table().anyShardWillDo(own, wanted)
            && (router.table().slotsMoveAt(own.node())
                ? elsewhereKeys.isOfOtherSlot(frame, command)
                : wanted != own);
    return isElsewhere ? router.refuseOtherNode(own, wanted) : route;
  }

  private void hold(RequestFrame frame, Command command) {
    ByteBuf requests = held;
    int size = frame.length() + (requests == null ? 0 : requests.readableBytes());
    if (size > client.pool().settings().gatheredRequestBytes()) {
      client.refuse(
          RefusalKind.BAD_ARGUMENT, "ERR Too much is queued before the first key is named");
      return;
    }
    if (requests == null) {
      held = requests = client.pool().worker().allocator().directBuffer(frame.length());
    }
    requests.writeBytes(frame.buf(), frame.start(), frame.length());
    heldRequests++;
    count(command, frame);
    QueueTrial trial =
        watchLost || command.kind() == Kind.LOCAL // does nothing, or is known to every node
            ? null
            : QueueTrial.on(client.pool().router().backends(), client.lane());
    if (trial == null) {
      client.reply(QUEUED);
      return;
    }
    PendingReply slot = client.addSlot();
    slot.whenOver(type -> doomed |= open && type == '-');
    trial.ask(frame, slot);
  }

  // ---------------------------------------------------------------- the node

  /** Leases a connection; if there is none, its failure is the reply. */
  private boolean leaseTo(Backend backend, PendingReply slot) {
    if (lease == null) {
      lease = backend.lease(client.lane());
      if (lease == null) {
        doomed |= open;
        slot.goesTo(backend.node()); // it was to
        slot.onFailure(backend.leaseFailure());
        return false;
      }
    }
    return true;
  }

  /** Sends {@code MULTI} and what was queued before a key was named, once. */
  private void tellNode() {
    Lease to = lease;
    if (nodeKnows || to == null) {
      return;
    }
    nodeKnows = true;
    askIfNeeded();
    to.send(MULTI, text -> expect("+OK", text));
    ByteBuf requests = held;
    if (requests != null) {
      held = null;
      to.send(requests, heldRequests, text -> expect("+QUEUED", text));
      requests.release();
      heldRequests = 0;
    }
  }

  /** A request to which the node has another answer than its client was given must not run. */
  private void expect(String expected, String answer) {
    Lease to = lease;
    if (!answer.equals(expected) && to != null) {
      if (open && !doomed) {
        doomed = true;
        unsaid = "node '" + to.backend().node().name() + "' answers: " + answer.substring(1);
      }
      if (expected.equals("+OK")) {
        to.close(); // what follows would run at once
      }
    }
  }

  /** What holds for one request, or, before {@code MULTI}, for all of the transaction. */
  private void askIfNeeded() {
    Lease to = lease;
    if (to != null && elsewhereKeys.asks()) {
      to.asking();
    }
  }

  private void send(RequestFrame frame, PendingReply slot) {
    Lease to = lease;
    if (to != null) {
      to.send(frame.buf(), frame.start(), frame.length(), slot);
    }
  }

  // ---------------------------------------------------------------- the end

  /** No longer open; the lease may still be needed. */
  private void close() {
    open = false;
    client.leave(this);
    doomed = false;
    unsaid = null;
    selects = -1;
    queuedCommands = 0;
    queuesWrites = false;
    heldRequests = 0;
    elsewhere = null;
    ByteBuf requests = held;
    if (requests != null) {
      held = null;
      requests.release();
    }
  }

  /** The node remembers nothing more. */
  private void end() {
    Lease done = lease;
    lease = null;
    nodeKnows = false;
    watchLost = false;
    elsewhereKeys.forget();
    if (done != null) {
      done.giveBack();
    }
  }

  /** The same where the node may still be watching. */
  private void endUnwatched() {
    Lease done = lease;
    if (done != null && !nodeKnows) {
      done.send(Replies.bytes("*1\r\n$7\r\nUNWATCH\r\n"), text -> {});
    }
    end();
  }

  /** The client means another database, or speaks another protocol: what is watched, too. */
  public void laneChanged(boolean databaseOnly, int database) {
    Lease watching = lease;
    if (watching == null || open) {
      return;
    }
    if (databaseOnly) {
      watching.changed();
      watching.send(
          Replies.bytes(
              "*2\r\n$6\r\nSELECT\r\n$"
                  + Integer.toString(database).length()
                  + "\r\n"
                  + database
                  + "\r\n"),
          text -> {});
    } else {
      watching.close();
      lease = null;
      watchLost = true;
    }
  }

  /** The way of {@link KeysElsewhere} into it. */
  private final class Anew implements KeysElsewhere.Of {
    @Override
    public boolean beginsAt(Backend to, @Nullable ByteBuf before, int requests, PendingReply slot) {
      Lease former = lease;
      if (former != null && nodeKnows) {
        former.send(DISCARD, text -> {});
      }
      if (former != null) {
        former.giveBack();
      }
      lease = null;
      nodeKnows = false;
      held = before;
      heldRequests = requests;
      if (!leaseTo(to, slot)) {
        return false;
      }
      if (open) {
        tellNode();
      }
      return true;
    }

    @Override
    public void send(byte[] request, PendingReply slot) {
      Lease to = lease;
      if (to != null) {
        if (!nodeKnows) {
          askIfNeeded();
        }
        to.send(Unpooled.wrappedBuffer(request), 0, request.length, slot);
      }
    }

    @Override
    public void losesWatch() {
      watchLost = true;
      Lease done = lease;
      if (!nodeKnows && done != null) {
        lease = null;
        done.close();
      }
    }

    @Override
    public void isDoomed(String why) {
      if (open && !doomed) {
        doomed = true;
        unsaid = why;
      }
    }

    @Override
    public void end() {
      Transaction.this.end();
    }
  }

  @Override
  public void abandon() {
    close();
    Lease done = lease;
    lease = null;
    nodeKnows = false;
    watchLost = false;
    elsewhereKeys.forget();
    if (done != null) {
      done.close();
    }
  }
}
