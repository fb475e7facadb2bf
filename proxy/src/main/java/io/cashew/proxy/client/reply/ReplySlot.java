package io.cashew.proxy.client.reply;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.RequestOrder;
import io.cashew.proxy.route.Substitutes;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The place of one request in its client's order of replies. Confined to the worker; used again
 * when its reply is over.
 *
 * <p>Bytes of a reply whose turn has come go straight to the client; those that come early are
 * parked here. A slot outlives its client: the reply still comes, and is dropped.
 */
public final class ReplySlot extends PendingReply {
  /** Bytes of {@code *-1} with its end of line; no other array has as many. */
  private static final int NULL_ARRAY = 5;

  private static final String NOT_HELD =
      "the reply could not be held until its turn: the client has not taken what comes"
          + " before it (limits.unsent-per-client-hard); the request was executed";

  private final Slots slots;
  @Nullable ReplySlot nextOfClient;
  private @Nullable ReplyQueue queue;

  /** Its place in the queue, counted from the client's first. */
  private long number;

  private boolean muted;
  private @Nullable Over over;

  /** Hears what servers say; null: nobody does. */
  private @Nullable ReplyWatch watch;

  private byte type;

  /** Bytes that the node has sent, also of a reply that its client does not want. */
  private long received;

  private Shape shape = Shape.REPLY;
  private Progress progress = Progress.NOT_BEGUN;
  private boolean whole;
  private boolean stalling;

  /** Bytes of the reply are parked: where none are, what would hold them is not touched. */
  private boolean parks;

  private long replyBytes;

  private long repliedNanos;
  private long stalledNanos;
  private long stallBeganNanos;
  private final ParkedReply parked = new ParkedReply();

  /** Its place in the queue, counted from the client's first. */
  long number() {
    return number;
  }

  /** What is given in the turn of the request. */
  private enum Shape {
    REPLY,

    /** The reply is merged of several: it comes at once, however large it is. */
    MERGED,

    /** No reply: those behind it wait. */
    NONE
  }

  /** How far the client has been given the reply. */
  private enum Progress {
    NOT_BEGUN,

    /** A part of the reply may be with the client already. */
    BEGUN,

    /** The reply could not be held until its turn: what still comes of it is dropped. */
    GIVEN_UP
  }

  ReplySlot(Slots slots) {
    super(slots.redirects());
    this.slots = slots;
  }

  /**
   * Begins to stand for a request.
   *
   * @param isMuted the client wants no reply to it: what comes is dropped in its turn
   * @param place in the queue, counted from its first
   */
  void take(ReplyQueue of, boolean isMuted, long place) {
    queue = of;
    number = place;
    muted = isMuted;
    repliedNanos = 0;
    stalledNanos = 0;
    takePlace();
  }

  @Override
  public void confirm(ByteBuf confirmations) {
    ReplyQueue to = queue;
    if (to == null) {
      recycle();
    } else {
      to.confirm(this, confirmations);
    }
  }

  /** The client wants no reply: what comes is dropped in its turn. */
  public void mute() {
    muted = true;
  }

  /** What is given is no reply but a message, which {@code CLIENT REPLY} does not keep back. */
  void unmute() {
    muted = false;
  }

  @Override
  public boolean isError() {
    return type == '-' || type == '!';
  }

  @Override
  public long writeBackNanos(long nowNanos) {
    return (repliedNanos == 0 ? 0 : nowNanos - repliedNanos) + stalledNanos;
  }

  /** It is in the queue for those behind it to wait: nothing is given. */
  public void isNoReply() {
    shape = Shape.NONE;
  }

  /** Whether it stands for a request. */
  boolean isReply() {
    return shape != Shape.NONE;
  }

  /** The reply will be merged of those of several nodes. */
  void comesMerged() {
    shape = Shape.MERGED;
  }

  boolean merged() {
    return shape == Shape.MERGED;
  }

  /** Whether a part of the reply may be with the client already. */
  boolean begun() {
    return progress == Progress.BEGUN;
  }

  @Override
  public void whenOver(Over hook) {
    over = hook;
  }

  @Override
  public void watchedBy(ReplyWatch by) {
    watch = by;
  }

  @Override
  public @Nullable Substitutes substitutes() {
    ReplyWatch by = watch;
    return by == null ? null : by.substitutes();
  }

  /** Nobody watches any more. @return what is given instead of an error; null: nothing */
  private byte @Nullable [] unwatched(@Nullable NodeFailure failure) {
    ReplyWatch by = watch;
    watch = null;
    return by == null ? null : by.onNoReply(failure);
  }

  private void over(byte replyType) {
    Over hook = over;
    if (hook != null) {
      over = null;
      hook.over(replyType);
    }
  }

  /** Whether the reply is all here. */
  boolean whole() {
    return whole;
  }

  @Override
  protected void answered(ByteBuf buf, int index, int bytes, boolean last) {
    ReplyWatch by = watch;
    if (by != null) {
      watch = last ? null : by;
      if (by.onReply(buf, index, bytes, last)) {
        return;
      }
    }
    if (type == 0 && bytes > 0) {
      type = slots.wording().typeOf(buf, index, bytes);
      if (isError() && command() != null) {
        errorWord(slots.home().error(buf, index, bytes));
      }
    }
    received += bytes;
    if (last) {
      repliedNanos = slots.worker().nowNanos();
      if (over != null) {
        over(type == '*' && received == NULL_ARRAY ? (byte) '_' : type);
      }
    }
    int length = muted ? 0 : bytes;
    ReplyQueue to = queue;
    if (to == null) {
      if (last) {
        recycle();
      }
      return;
    }
    if (progress == Progress.GIVEN_UP) {
      if (last) {
        give(slots.wording().error(NOT_HELD));
      }
      return;
    }
    try {
      replyBytes += length;
      pass(to, buf, index, length, last);
    } catch (OutOfMemoryError e) { // of buffers; the node's connection can do nothing about it
      whole |= last;
      to.closeForMemory();
    }
  }

  @Override
  public long replyBytes() {
    return replyBytes;
  }

  private void pass(ReplyQueue to, ByteBuf buf, int index, int length, boolean last) {
    if (to.isHead(this) && !waitsForRoom(to)) {
      progress = Progress.BEGUN;
      to.write(buf, index, length);
      if (last) {
        to.headDone();
      } else if (to.fallsBehind(this)) {
        stall();
      }
    } else {
      to.parked(length);
      parks = true;
      parked.add(buf, index, length, slots.worker().allocator());
      if (last) {
        whole = true;
        to.cameEarly(this);
        to.pushesFollow(number);
      } else if (to.fallsBehind(this)) {
        if (to.waitedInVain()) {
          giveUp(to);
        } else {
          stall();
        }
      }
    }
  }

  private void unpark(ReplyQueue from) {
    from.parked(-parked.length());
    drop();
  }

  private void drop() {
    if (parks) {
      parks = false;
      parked.drop();
    }
  }

  /** It cannot be held: its reply is an error when it is over. */
  private void giveUp(ReplyQueue to) {
    progress = Progress.GIVEN_UP;
    unpark(to);
  }

  /**
   * Whether the reply, though its turn may have come, waits until the client has taken those before
   * it: a merged one comes at once, and two large ones in a row would look like a client that does
   * not read.
   */
  boolean waitsForRoom(ReplyQueue to) {
    return merged() && !begun() && !to.hasRoom();
  }

  @Override
  public void onHeld(long bytes) {
    ReplyQueue to = queue;
    if (to != null) {
      to.parked(bytes);
    }
  }

  @Override
  public Room room() {
    ReplyQueue to = queue;
    if (to == null || to.isHead(this) || !to.fallsBehind(this)) {
      return Room.ENOUGH;
    }
    return to.waitedInVain() ? Room.NONE : Room.LATER;
  }

  @Override
  public void onWaitedInVain() {
    ReplyQueue to = queue;
    if (to != null) {
      to.nodeWaitedInVain();
    }
  }

  @Override
  protected Lane lane() {
    ReplyQueue of = queue;
    if (of == null) {
      throw new IllegalStateException("the client has left");
    }
    return of.lane();
  }

  @Override
  protected RequestOrder order() {
    ReplyQueue of = queue;
    if (of == null) {
      throw new IllegalStateException("the client has left");
    }
    return of;
  }

  @Override
  protected void waits() {
    ReplyQueue of = queue;
    if (of != null) {
      of.requestWaits();
    }
  }

  @Override
  protected @Nullable Exchange next() {
    return nextOfClient;
  }

  @Override
  public boolean wanted() {
    return queue != null;
  }

  @Override
  public void give(byte[] wholeReply) {
    over = null; // it is about a node's reply
    unwatched(null);
    repliedNanos = slots.worker().nowNanos();
    if (command() != null && wholeReply.length > 0) {
      byte newType = slots.wording().typeOf(wholeReply);
      if (type != newType) {
        type = newType;
        if (isError()) {
          errorWord(slots.home().error(wholeReply));
        }
      }
    }
    byte[] reply = muted ? NOTHING : wholeReply;
    ReplyQueue to = queue;
    if (to == null) {
      recycle();
    } else if (to.isHead(this)) {
      to.write(reply, 0, reply.length);
      to.headDone();
    } else {
      to.parked(reply.length);
      parks = true;
      parked.add(reply, slots.worker().allocator());
      whole = true;
      to.cameEarly(this);
    }
  }

  @Override
  protected void failed(NodeFailure failure) {
    byte[] instead = unwatched(failure);
    over((byte) '-');
    ReplyQueue to = queue;
    if (to == null) {
      recycle();
    } else if (failure.kind() == FailureKind.ABANDONED && to.isOver()) {
      whole = true; // it stays in its client's queue, and is given back with it
    } else if (begun()) {
      // A part of the reply may be out already: the only honest end is that of the connection.
      to.breakOff(failure);
      whole = true; // and stays in its client's queue
    } else {
      unpark(to);
      if (failure.kind() != FailureKind.ABANDONED && instead == null) {
        to.nodeFailed();
      }
      give(instead == null ? slots.wording().failure(failure) : instead);
    }
  }

  @Override
  public void onStallTimeout() {
    stalling = false;
    ReplyQueue to = queue;
    if (to == null) {
      return;
    }
    to.nodeWaitedInVain();
    if (begun()) {
      to.closeForUnreadReplies();
    } else { // it may well be reading what comes before: so far it is owed nothing but an answer
      giveUp(to);
    }
  }

  @Override
  public void onStalledTick() {
    ReplyQueue to = queue;
    if (to == null || !to.isFarBehind(this)) {
      unstall();
    }
  }

  private void stall() {
    if (!stalling) {
      stalling = true;
      stallBeganNanos = slots.worker().nowNanos();
      stallNode();
    }
  }

  /** The client can take more. */
  void unstall() {
    if (stalling) {
      stalling = false;
      stalledNanos += slots.worker().nowNanos() - stallBeganNanos;
      unstallNode();
    }
  }

  /** Its turn has come: writes what was parked. */
  void becomeHead(ReplyQueue to) {
    if (parks) {
      parks = false;
      to.parked(-parked.length());
      if (parked.writeTo(to)) {
        progress = Progress.BEGUN;
      }
    }
    unstall();
  }

  /** The client is gone. Its reply, if it is still to come, will be dropped. */
  void abandon() {
    queue = null;
    unstall();
    if (whole) {
      recycle();
    } else {
      drop();
    }
  }

  /** The reply is over and given: back to where slots come from. */
  void recycle() {
    drop();
    unwatched(null);
    queue = null;
    nextOfClient = null;
    over = null;
    type = 0;
    whole = false;
    shape = Shape.REPLY;
    progress = Progress.NOT_BEGUN;
    stalling = false;
    replyBytes = 0;
    received = 0;
    forget();
    slots.give(this);
  }
}
