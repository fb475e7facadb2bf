package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
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
final class ReplyFeed {
  private static final int MAX_PUSH = 16 << 20;

  /** Replies that are at least this long are handed up in pieces. */
  static final int STREAM_FROM = 32 << 10;

  /** A line is handed up whole at any length: until its end it may turn out to be no reply. */
  private static final int KEPT_MAX = ReplyDecoder.MAX_LINE + 4;

  /** Takes what a node sends without having been asked. */
  interface PushSink {
    void onPush(ByteBuf buf, int index, int length);
  }

  private final Worker worker;
  private final NodeChannel channel;
  private final NodeRecorder recorder;
  private final InFlightQueue queue;
  private ReplyDecoder decoder;
  private @Nullable PushSink pushes;

  /** First byte of what is being read. */
  private byte type;

  /** What has come of it and was not handed up. */
  private @Nullable ByteBuf partial;

  /** What is being read is a push. */
  private boolean pushing;

  /** Pieces of the reply that is being read have been handed up. */
  private boolean streaming;

  /** Bytes of {@code channel} for the requests of {@code queue}. */
  ReplyFeed(Worker worker, NodeChannel channel, NodeRecorder recorder, InFlightQueue queue) {
    this.worker = worker;
    this.channel = channel;
    this.recorder = recorder;
    this.queue = queue;
    BackendSettings settings = channel.settings();
    decoder = new ReplyDecoder(settings.maxBulkLength(), settings.resp3());
  }

  /** Accepts pushes; before the first byte has come. */
  void acceptPushes(PushSink sink) {
    pushes = sink;
    decoder = ReplyDecoder.withPushes(channel.settings().maxBulkLength());
  }

  /** Whether pushes may come. */
  boolean acceptsPushes() {
    return pushes != null;
  }

  /** Whether a part of a reply has come, and not its end. */
  boolean inReply() {
    return !decoder.atStart();
  }

  /** Reads bytes; borrows them. */
  void read(ByteBuf in, int from, int to) {
    int at = from;
    long repliesBefore = recorder.replies;
    while (at < to && !channel.closed()) {
      if (decoder.atStart()) {
        type = in.getByte(at);
        pushing = type == '>' && pushes != null;
      }
      if (pushing) {
        at = push(in, at, to);
        continue;
      }
      InFlight request = queue.first();
      if (request == null || !queue.firstHasLeft(channel.outbound().flushes())) {
        recorder.unexpectedReplies++;
        throw new ProtocolException("a reply that nobody asked for");
      }
      int end = decoder.feed(in, at, to);
      if (end < 0) {
        keep(request, in, at, to);
        break;
      }
      deliver(queue.remove(), in, at, end);
      channel.alive();
      at = end;
    }
    if (recorder.replies != repliesBefore) {
      channel.answered();
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
        if (type == '-') { // a line, which is kept whole at any length
          kept.writeBytes(in, at, end - at);
          deliverError(request, kept, kept.readerIndex(), kept.readableBytes());
        } else {
          request.onReply(kept, kept.readerIndex(), kept.readableBytes(), false);
          request.onReply(in, at, end - at, true);
        }
      } finally {
        kept.release();
      }
    } else if (type == '-') {
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
      channel.alive(); // a large reply may take its time while it moves
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

  /** The connection has ended: what was kept is dropped. */
  void close() {
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      kept.release();
    }
  }
}
