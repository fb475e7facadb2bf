package io.cashew.proxy.client.reply;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.ReplyLimits;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.route.RequestOrder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What one client is owed: a {@link ReplySlot} for each of its requests, in their order, and the
 * messages that come between their replies. Confined to the worker.
 *
 * <p>Only the reply at the head is written; those that come early are held in their slots. How much
 * may be held is bounded: by how many requests are taken ({@link #full}), and by nodes that wait
 * for a client that {@link #fallsBehind}.
 */
public final class ReplyQueue implements Load, RequestOrder {
  private final Recipient client;
  private final Slots slots;
  private final Worker worker;
  private final PoolRecorder recorder;
  private final Channel channel;
  private final Outbound outbound;

  private @Nullable ReplySlot head;
  private @Nullable ReplySlot last;
  private int size;

  private final SlotNumbers numbers = new SlotNumbers();

  /** How many requests may be in flight whose replies are not here. */
  private final Window window;

  /** Requests in flight whose replies are here before their turn. */
  private int early;

  /** Those of them whose replies are merged of those of several nodes. */
  private final MergedReplies merged;

  /** A node has waited for room in vain, and this client has not moved since: none waits again. */
  private boolean waitedInVain;

  /** Bytes of replies that are here before their turn. */
  private long parkedBytes;

  /** Replies that messages do not overtake, counted from the first. */
  private long pushesAfter;

  /** The same for a message that comes in its order among the replies: those that are all here. */
  private long orderedPushesAfter;

  private final Pushes pushes;
  private final UnsentWatch unsentWatch;

  public ReplyQueue(Recipient client, Slots slots, Channel channel, Outbound outbound) {
    this.client = client;
    this.slots = slots;
    this.channel = channel;
    this.outbound = outbound;
    worker = slots.worker();
    recorder = slots.recorder();
    ReplyLimits limits = slots.limits();
    window = new Window(limits.inFlightMax(), limits.unsentBytes(), Window.INITIAL);
    merged = new MergedReplies(limits);
    outbound.waitFor(() -> head != null);
    pushes = new Pushes(worker, channel, outbound, this::pushesTaken);
    unsentWatch = new UnsentWatch(limits.unsentBytesOfSubscriber());
  }

  /** The pool has other limits. */
  public void limitsChanged() {
    ReplyLimits limits = slots.limits();
    window.limits(limits.inFlightMax(), limits.unsentBytes());
    merged.limits(limits);
    unsentWatch.limit(limits.unsentBytesOfSubscriber());
  }

  // ---------------------------------------------------------------- requests in flight

  /** Whether no reply is owed. */
  @Override
  public boolean isEmpty() {
    return head == null;
  }

  /** How many replies of nodes have been given; -1 while one is owed. */
  public long settledReplies() {
    return head == null ? numbers.given : -1;
  }

  /** Requests whose replies are not over. */
  int size() {
    return size;
  }

  /** The reply whose turn it is; null: none is owed. */
  public @Nullable ReplySlot head() {
    return head;
  }

  /** A slot behind all others. */
  public ReplySlot add(boolean muted) {
    assert worker.inThread();
    ReplySlot slot = slots.take(this, muted, numbers.added + 1);
    if (last == null) {
      head = slot;
    } else {
      last.nextOfClient = slot;
    }
    last = slot;
    numbers.added++;
    pushesAfter = numbers.added;
    size++;
    recorder.inFlight++;
    return slot;
  }

  /** How many slots were added. */
  public long added() {
    return numbers.added;
  }

  /** The slot that was added last, if that was after the first {@code before}, and is not over. */
  public @Nullable ReplySlot addedSince(long before) {
    ReplySlot newest = last;
    return newest != null && newest.number() > before && newest.number() == numbers.added
        ? newest
        : null;
  }

  /** Messages need not wait for the reply that was added last, which may take long. */
  public void pushesPassLast() {
    pushesAfter = numbers.added - 1;
  }

  /** The reply that was added is merged of those of several nodes, which are held until then. */
  public void comesMerged(ReplySlot slot) {
    slot.comesMerged();
    merged.add();
  }

  /** Whether a request whose reply is merged has to wait until there are fewer of them. */
  public boolean fullOfMerged() {
    return merged.full();
  }

  /** Whether it still has to: for half of them, so that it is not held up each time. */
  @Override
  public boolean stillFullOfMerged() {
    return merged.stillFull();
  }

  /**
   * Whether no more requests are to be taken.
   *
   * @param paused whether none are taken now
   */
  @Override
  public boolean full(boolean paused) {
    return tooManyInFlight(paused)
        || !channel.isWritable()
        || parkedBytes > slots.limits().unsentBytes()
        || pushes.blocked();
  }

  /**
   * Half of a limit before a paused client goes on: not a pause and a resumption each request.
   *
   * <p>The window is for replies of which nothing is known. One that is here waits for its turn,
   * perhaps behind a node that hangs: what comes after it need not wait, too, nor for half of what
   * that node owes.
   */
  private boolean tooManyInFlight(boolean paused) {
    int most = slots.limits().inFlightMax();
    int expected = window.size();
    return size >= (paused ? most / 2 + 1 : most)
        || size - early >= (paused && early == 0 ? expected / 2 + 1 : expected);
  }

  // ---------------------------------------------------------------- their order

  @Override
  public @Nullable ReplySlot first() {
    return head;
  }

  @Override
  public void unsettle() {
    numbers.unsettle();
  }

  @Override
  public boolean isSettled() {
    return numbers.isSettled();
  }

  @Override
  public void takesManyKeys() {
    numbers.takesManyKeys();
  }

  @Override
  public boolean hasManyKeys() {
    return numbers.hasManyKeys();
  }

  @Override
  public long repliesOver() {
    return numbers.given + early;
  }

  // ---------------------------------------------------------------- replies

  boolean isHead(ReplySlot slot) {
    return head == slot;
  }

  /** Writes bytes whose turn has come. */
  public void write(ByteBuf buf, int index, int length) {
    if (!client.closed()) {
      recorder.replyBytes += length;
      ReplySlot first = head;
      if (first != null && first.merged()) {
        merged.written(length, channel.isWritable());
      }
      outbound.write(buf, index, length);
      checkUnread();
    }
  }

  /** As above. */
  public void write(byte[] bytes, int index, int length) {
    if (!client.closed()) {
      recorder.replyBytes += length;
      outbound.write(bytes, index, length);
      checkUnread();
    }
  }

  /** What comes at once does not tell that a client does not read; what it leaves of it does. */
  private void checkUnread() {
    long most = slots.limits().unsentBytesHard() + merged.unsentBytes();
    if (!channel.isWritable() && outbound.pendingBytes() > most) {
      client.closeForUnreadReplies();
    }
  }

  /** The reply at the head is over: those behind it that are here follow. */
  void headDone() {
    ReplySlot done = head;
    assert done != null;
    pop(done);
    advance();
  }

  /** Gives what is here of the replies whose turn it is. */
  private void advance() {
    for (ReplySlot next = head; next != null && !next.waitsForRoom(this); next = head) {
      drainPushes();
      next.becomeHead(this);
      if (!next.whole()) {
        break;
      }
      pop(next);
    }
    drainPushes();
    client.repliesGiven();
  }

  /** A reply is all here before its turn. */
  void cameEarly(ReplySlot slot) {
    early++;
    window.replied(slot.replyBytes());
    client.resumeSoon();
  }

  private void pop(ReplySlot slot) {
    if (slot.whole()) {
      early--;
    } else {
      window.replied(slot.replyBytes());
    }
    Command command = slot.command();
    if (command != null) {
      client.replyOver(slot, command);
    }
    waitedInVain &= !channel.isWritable();
    if (slot.merged()) {
      merged.over(slot.replyBytes());
    }
    head = slot.nextOfClient;
    if (head == null) {
      last = null;
    }
    size--;
    numbers.given++;
    recorder.inFlight--;
    recorder.replies += slot.isReply() ? 1 : 0;
    slot.recycle();
  }

  /** The client has room again. */
  public void hasRoomAgain() {
    merged.clientHasRoom();
    waitedInVain = false;
    ReplySlot first = head;
    if (first != null) {
      first.unstall();
      if (first.merged() && !first.begun()) {
        advance();
      }
    }
  }

  /** The client has left: what still comes for it is dropped. */
  public void end() {
    recorder.inFlight -= size;
    size = 0;
    early = 0;
    ReplySlot slot = head;
    head = null;
    last = null;
    while (slot != null) {
      ReplySlot next = slot.nextOfClient;
      slot.abandon();
      slot = next;
    }
    pushes.discard();
  }

  // ---------------------------------------------------------------- what a slot asks of its client

  /** The connections that a request of this client takes when it is sent once more. */
  Lane lane() {
    return client.lane();
  }

  /** A request of this client is to be sent again before its next ones are taken. */
  void requestWaits() {
    client.requestWaits();
  }

  /** Whether the client takes nothing more: what is owed is given back with this queue. */
  boolean isOver() {
    return client.closed();
  }

  void nodeFailed() {
    recorder.refused(RefusalKind.NODE_FAILURE);
  }

  /** A part of the reply at the head may be with the client, and the rest will not come. */
  void breakOff(NodeFailure failure) {
    client.breakOff(failure);
  }

  void closeForUnreadReplies() {
    client.closeForUnreadReplies();
  }

  void closeForMemory() {
    client.closeForMemory();
  }

  // ---------------------------------------------------------------- bytes that are held

  /** Whether the client has taken so much of its replies that the next may be written. */
  boolean hasRoom() {
    return channel.isWritable();
  }

  /**
   * Whether the client has not taken so much that a node should wait for it, and with it everybody
   * else who waits for that node. So it is not as soon as the client is no longer read from: what
   * is on its way then, {@link Window} keeps small.
   */
  boolean fallsBehind(ReplySlot slot) {
    return !client.closed() && bytesBefore(slot) > slots.limits().unsentBytesHard() / 2;
  }

  /** The same once a node waits. */
  boolean isFarBehind(ReplySlot slot) {
    return !client.closed() && bytesBefore(slot) > slots.limits().unsentBytesHard() / 4;
  }

  /** A node was not read from for as long as it may be, because of this client. */
  void nodeWaitedInVain() {
    waitedInVain = true;
  }

  /** Whether that is so, and the client has taken nothing since. */
  boolean waitedInVain() {
    return waitedInVain;
  }

  /** Messages that come in order from now on come after the reply of this number. */
  void pushesFollow(long number) {
    orderedPushesAfter = Math.max(orderedPushesAfter, number);
  }

  /** Counts bytes that are parked, or, below 0, no longer are. */
  void parked(long bytes) {
    parkedBytes += bytes;
  }

  /** What is here for this client when more of a reply comes. The first waits for no others. */
  private long bytesBefore(ReplySlot slot) {
    return isHead(slot) && slot.begun() ? outbound.pendingBytes() : replyBytes();
  }

  /** Bytes of replies that are here for this client. */
  public long replyBytes() {
    return outbound.pendingBytes() + parkedBytes;
  }

  /** Bytes of replies and messages that are here for this client. */
  public long bytes() {
    return replyBytes() + pushes.bytes();
  }

  // ---------------------------------------------------------------- messages

  /**
   * Gives a message between replies, as a node sends it to a client of RESP2; borrows it.
   *
   * @param inOrder whether its order among the replies is that in which they came here; if not, it
   *     comes after those of requests that are under way already, one of which may have caused it
   */
  public void push(ByteBuf message, int index, int length, boolean inOrder) {
    assert worker.inThread();
    long notBefore = inOrder ? orderedPushesAfter : pushesAfter;
    boolean withinReply = head != null && head.begun();
    long after = withinReply ? Math.max(notBefore, numbers.given + 1) : notBefore;
    boolean resp3 = client.resp3();
    if (!pushes.isEmpty() || after > numbers.given || outbound.behind()) {
      pushes.add(message, index, length, resp3, after);
      drainPushes();
    } else {
      recorder.replyBytes += length;
      if (resp3) {
        outbound.write(Pushes.PUSH, 0, 1);
        outbound.write(message, index + 1, length - 1);
      } else {
        outbound.write(message, index, length);
      }
    }
  }

  private void drainPushes() {
    if (!client.closed() && !pushes.isEmpty() && !(head != null && head.begun())) {
      pushes.drain(numbers.given);
    }
  }

  private void pushesTaken() {
    drainPushes();
    client.resumeSoon();
  }

  /** Gives the confirmations of a subscription, behind the messages that wait; borrows them. */
  void confirm(ReplySlot slot, ByteBuf confirmations) {
    if (pushes.isEmpty()) {
      slot.unmute();
      slot.onReply(confirmations, confirmations.readerIndex(), confirmations.readableBytes(), true);
    } else {
      pushes.add(
          confirmations,
          confirmations.readerIndex(),
          confirmations.readableBytes(),
          false, // they are what they are
          numbers.given);
      slot.give(PendingReply.NOTHING);
    }
  }

  /** Bytes of messages, and of what was written before them, that the client has not taken. */
  public long unsentMessageBytes() {
    return outbound.pendingBytes() + pushes.bytes();
  }

  /** Whether a subscriber has left more of its messages unread than it may. */
  public boolean tooManyUnsentMessages() {
    return unsentWatch.tooMuch(unsentMessageBytes(), worker.tickMillis());
  }
}
