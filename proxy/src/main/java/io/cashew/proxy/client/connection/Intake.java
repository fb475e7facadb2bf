package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a client sends into requests and has each taken while the client's {@link Gate} is
 * open. Confined to the client's worker.
 *
 * <p>Requests are read where they were received; only the end of one that is not complete is
 * copied, into the {@link Tail}. While the gate is shut nothing is read from the client, and what
 * it has already sent waits in the tail.
 */
abstract class Intake {
  /** A request that has grown to this size without an end is sent on as it comes, if it can be. */
  static final int STREAM_FROM = 256 << 10;

  /** What a client may send while it is blocked, before it is no longer read from. */
  private static final int READ_WHILE_BLOCKED = 64 << 10;

  /** No request has begun that is not complete. */
  private static final long NOT_BEGUN = -1;

  /** In the place of an index: there is no whole request left. */
  static final int INCOMPLETE = -1;

  final PoolPart pool;
  final Worker worker;
  final PoolRecorder recorder;
  final ConnectedClient client;
  final Gate gate;
  private final Channel channel;
  private final Owner owner;
  private final Tail tail;
  private final Runnable resume = this::resume;
  private @Nullable Upload upload;

  /** When the request began that is not complete, or moved, if it is passed on as it comes. */
  private long begunMillis = NOT_BEGUN;

  private boolean processing;
  private boolean resumeScheduled;

  /** The client has said that it will send nothing more. */
  private boolean ended;

  /** Whose bytes come in. */
  interface Owner {
    /** How far the connection is on its way to its end. */
    Closing closing();

    /** What comes is no request. */
    void protocolError(ProtocolException error);

    /** Every request that was sent whole has been taken, and no other will come. */
    void inputIsOver();

    /** No request is being taken, and none waits. */
    void requestsAreTaken();
  }

  Intake(Owner owner, ConnectedClient client, Gate gate, Channel channel) {
    this.owner = owner;
    this.client = client;
    this.gate = gate;
    this.channel = channel;
    pool = client.pool();
    worker = pool.worker();
    recorder = pool.recorder();
    tail = new Tail(worker.allocator());
  }

  // ---------------------------------------------------------------- what the protocol knows

  /**
   * Takes the next request.
   *
   * @return index after it; {@code at} if it comes again; {@link #INCOMPLETE}
   */
  abstract int request(ByteBuf in, int at, int to);

  /** Bytes of an incomplete request, from its start, that must be there before it gets further. */
  abstract int needed();

  /** The client has proved who it is, or the pool has other limits. */
  abstract void limitsChanged();

  // ---------------------------------------------------------------- bytes

  /** Where the next bytes are best received: see {@link Tail#room}. */
  @Nullable ByteBuf room() {
    return tail.room();
  }

  /** Takes what has been received, borrowed: what is not taken at once waits in the tail. */
  void read(ByteBuf in) {
    assert worker.inThread();
    int readable = in.readableBytes();
    recorder.requestBytes += readable;
    client.bytesCame(worker.nowNanos());
    if (tail.bytes() != null) {
      tail.append(in, in.readerIndex(), readable, needed());
      processTail();
    } else {
      int consumed = process(in, in.readerIndex(), in.writerIndex());
      if (consumed < in.writerIndex() && !takesNoMore()) {
        tail.append(in, consumed, in.writerIndex() - consumed, needed());
      }
    }
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

  /** Whether nothing is read any more; a request that is on its way to its node is read whole. */
  boolean takesNoMore() {
    Closing closing = owner.closing();
    return closing == Closing.CLOSED || (!closing.takesRequests() && upload == null);
  }

  /**
   * Takes requests until there is no whole one left or the gate is shut.
   *
   * @return index of the first byte that was not taken
   */
  private int process(ByteBuf in, int from, int to) {
    int at = from;
    processing = true;
    try {
      while (at < to && !takesNoMore() && !mustPause()) {
        Upload current = upload;
        int next = current == null ? request(in, at, to) : rest(current, in, at, to);
        if (next == INCOMPLETE) {
          break;
        }
        at = next;
      }
    } catch (ProtocolException e) {
      owner.protocolError(e);
      at = to;
    } finally {
      processing = false;
    }
    return at;
  }

  // ---------------------------------------------------------------- large requests

  /** The request that has begun is whole. */
  final void isWhole() {
    begunMillis = NOT_BEGUN;
  }

  /** A request has begun, and its end is missing. */
  final void isIncomplete() {
    if (begunMillis == NOT_BEGUN) {
      begunMillis = worker.tickMillis();
    }
  }

  /** A large request begins its way to its node as it is, when its client is owed nothing. */
  final void begin(Upload large) {
    recorder.requests++;
    upload = large;
    client.waitForReplies();
  }

  /** Passes more of a large request on; returns as {@link #request} does. */
  private int rest(Upload current, ByteBuf in, int at, int to) {
    int taken = current.take(in, at, to);
    client.uploaded(taken - at, current.ended());
    begunMillis = worker.tickMillis();
    if (current.ended()) {
      upload = null;
      begunMillis = NOT_BEGUN;
      client.waitForReplies();
    } else if (taken == at) {
      return INCOMPLETE;
    }
    return taken;
  }

  /** Keys have moved: a large request that has not begun looks again where it goes. */
  void routesChanged() {
    if (upload != null) {
      upload.lookAgain();
    }
  }

  /** Whether a large request is on its way. */
  boolean isInRequest() {
    return upload != null && upload.started();
  }

  /** The rest of a large request will not come. */
  void abort() {
    abort(pool.wording().error("The client left in the middle of the request"));
  }

  /**
   * The rest of a large request will not come.
   *
   * @param error the reply to it
   * @return whether this was given; if not, the request had its reply already, or has not begun
   */
  boolean abort(byte[] error) {
    boolean given = upload != null && upload.abort(error);
    upload = null;
    return given;
  }

  // ---------------------------------------------------------------- pausing

  /** Whether nothing may be taken now; the client is then not read from until {@link #resume}. */
  private boolean mustPause() {
    if (!isHeld()) {
      return false;
    }
    if (!gate.isShut()) {
      gate.shut();
      recorder.readPauses++;
    }
    // Keep reading a blocked client even if it was paused: only a read shows that it has left.
    channel.config().setAutoRead(client.isBlocked() && tail.length() <= READ_WHILE_BLOCKED);
    return true;
  }

  private boolean isHeld() {
    Upload current = upload;
    if (current != null && current.started()) { // that request is in flight already
      return gate.holdsRest() || current.blocked();
    }
    return gate.holdsRequest();
  }

  /** Looks soon, and not within whatever is going on, whether the client may go on. */
  void resumeSoon() {
    if (gate.isShut() && !resumeScheduled && owner.closing() != Closing.CLOSED) {
      resumeScheduled = true;
      worker.eventLoop().execute(resume);
    }
  }

  private void resume() {
    resumeScheduled = false;
    if (takesNoMore() || isHeld()) {
      return;
    }
    gate.open();
    processTail();
    if (gate.isShut() || takesNoMore()) {
      return;
    }
    if (ended) {
      owner.inputIsOver();
    } else {
      channel.config().setAutoRead(true);
      owner.requestsAreTaken();
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * The client has said that it will send nothing more.
   *
   * @return whether that is new
   */
  boolean end() {
    boolean isNew = !ended;
    ended = true;
    return isNew;
  }

  /** Whether the client has said that it will send nothing more. */
  boolean ended() {
    return ended;
  }

  /** No more requests are taken, but for the rest of one that has begun. */
  void takeNoMore() {
    if (upload != null && !upload.started()) {
      upload = null;
    }
    if (!processing && upload == null) {
      tail.drop();
    }
  }

  /** The connection has ended. */
  void drop() {
    tail.drop();
  }

  /** Whether a request is being taken at this moment. */
  final boolean isTaking() {
    return processing;
  }

  /** Whether a request is being taken, or a part of one is here. */
  boolean isBusy() {
    return processing || gate.isShut() || tail.bytes() != null || upload != null;
  }

  /** Time in which the client is not read from is not its own. */
  void forgiveTime(long nowMillis) {
    if (begunMillis != NOT_BEGUN) {
      begunMillis = nowMillis;
    }
  }

  /** Whether a request began so long ago, and is not complete. */
  boolean isSlow(long nowMillis, long mostMillis) {
    return mostMillis > 0 && begunMillis != NOT_BEGUN && nowMillis - begunMillis > mostMillis;
  }

  /** Bytes of requests that are not done with, the one that is being handled included. */
  long unhandledBytes() {
    if (tail.bytes() != null) {
      return tail.length();
    }
    return processing ? pool.frame().length() : 0;
  }

  /** Bytes of the arguments of the request that is being handled. */
  abstract long argumentBytes();
}
