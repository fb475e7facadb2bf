package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The way of a node's bytes to the requests that they answer: whose is a reply, and where does it
 * end. Confined to the connection's worker.
 *
 * <p>A reply is handed up whole if it is small, so that a node that breaks off in the middle of one
 * costs its receiver an error and not a broken stream; large replies are handed up as they come.
 * What is no reply, or one that nobody asked for, is a {@link ProtocolException}: it ends the
 * connection.
 */
abstract class ReplyFeed {
  /** Replies that are at least this long are handed up in pieces. */
  static final int STREAM_FROM = 32 << 10;

  /** A line is handed up whole at any length: until its end it may turn out to be no reply. */
  private static final int KEPT_MAX = (64 << 10) + 4;

  /** Takes what a node sends without having been asked. */
  interface PushSink {
    void onPush(ByteBuf buf, int index, int length);
  }

  final Worker worker;
  final NodeChannel channel;
  final NodeRecorder recorder;
  private final InFlightQueue queue;

  /** What has come of the reply that is being read and was not handed up. */
  private @Nullable ByteBuf partial;

  /** Pieces of the reply that is being read have been handed up. */
  private boolean streaming;

  /** Bytes of {@code channel} for the requests of {@code queue}. */
  ReplyFeed(Worker worker, NodeChannel channel, NodeRecorder recorder, InFlightQueue queue) {
    this.worker = worker;
    this.channel = channel;
    this.recorder = recorder;
    this.queue = queue;
  }

  // ---------------------------------------------------------------- what the protocol knows

  /** Accepts pushes; before the first byte has come. */
  abstract void acceptPushes(PushSink sink);

  /** Whether pushes may come. */
  abstract boolean acceptsPushes();

  /** Whether a part of a reply has come, and not its end. */
  abstract boolean inReply();

  /**
   * Reads what nobody has asked for, and is welcome.
   *
   * @return index after it; {@code at} if a reply goes on or begins there
   */
  abstract int unasked(ByteBuf in, int at, int to);

  /** Reads on in the reply to a request. @return index after its end; below 0: it has not come */
  abstract int feed(InFlight request, ByteBuf in, int at, int to);

  /** Whether what has come is a part of a line that shows only at its end that it is a reply. */
  abstract boolean inLine();

  /** Whether the reply, which is whole, is an error. */
  abstract boolean isError();

  /** Whether the reply, which is whole, is handed up as nothing. */
  abstract boolean isSilence();

  /** Notes an error that a client's request is answered with. */
  abstract void noteError(ByteBuf buf, int index, int length);

  /** Whether the server has said that it closes the connection: what is sent now is lost. */
  boolean serverIsClosing() {
    return false;
  }

  // ---------------------------------------------------------------- bytes

  /** Reads bytes; borrows them. */
  void read(ByteBuf in, int from, int to) {
    int at = from;
    long repliesBefore = recorder.replies;
    while (at < to && !channel.closed()) {
      int behind = unasked(in, at, to);
      if (behind > at) {
        at = behind;
        continue;
      }
      InFlight request = queue.first();
      if (request == null || !queue.firstHasLeft(channel.outbound().flushes())) {
        recorder.unexpectedReplies++;
        throw new ProtocolException("a reply that nobody asked for");
      }
      int end = feed(request, in, at, to);
      if (end < 0) {
        keep(request, in, at, to);
        break;
      }
      InFlight answered = queue.remove();
      if (isSilence()) {
        deliverSilence(answered);
      } else {
        deliver(answered, in, at, end);
      }
      channel.alive();
      at = end;
    }
    if (recorder.replies != repliesBefore) {
      channel.answered();
    }
  }

  /** Hands up the last piece of a reply, after what was kept of it. */
  private void deliver(InFlight request, ByteBuf in, int at, int end) {
    recorder.replyBytes += end - at;
    count(request);
    streaming = false;
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      try {
        if (isError()) { // a line, which is kept whole at any length
          kept.writeBytes(in, at, end - at);
          deliverError(request, kept, kept.readerIndex(), kept.readableBytes());
        } else {
          request.onReply(kept, kept.readerIndex(), kept.readableBytes(), false);
          request.onReply(in, at, end - at, true);
        }
      } finally {
        kept.release();
      }
    } else if (isError()) {
      deliverError(request, in, at, end - at);
    } else {
      request.onReply(in, at, end - at, true);
    }
  }

  private void count(InFlight request) {
    if (!request.proxysOwn) {
      recorder.replies++;
      recorder.latency.record(worker.nowNanos() - request.sentNanos);
    }
  }

  /** Nothing was said to a request, as the reply to the next shows, which asked for no more. */
  private void deliverSilence(InFlight request) {
    InFlight next = queue.first();
    if (next == null) {
      throw new ProtocolException("a reply that nobody asked for");
    }
    close();
    queue.remove();
    count(request);
    request.onReply(Unpooled.EMPTY_BUFFER, 0, 0, true);
    next.onReply(Unpooled.EMPTY_BUFFER, 0, 0, true);
  }

  /** Hands up an error, which is whole. */
  private void deliverError(InFlight request, ByteBuf buf, int index, int length) {
    if (!request.proxysOwn) {
      recorder.errorReplies++;
      noteError(buf, index, length);
    }
    request.onReply(buf, index, length, true);
  }

  /** Keeps, or hands up, bytes of a reply whose end has not come. */
  private void keep(InFlight request, ByteBuf in, int at, int to) {
    int length = to - at;
    recorder.replyBytes += length;
    if (streaming) {
      channel.alive(); // a large reply may take its time while it moves
      request.onReply(in, at, length, false);
      return;
    }
    ByteBuf kept = partial;
    int keptBytes = kept == null ? 0 : kept.readableBytes();
    if (keptBytes + length < STREAM_FROM || inLine()) {
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

  /** The connection has ended: what was kept is dropped. */
  void close() {
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      kept.release();
    }
  }
}
