package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A {@link ReplyFeed} of RESP, in which pushes may come between replies. */
final class RespReplyFeed extends ReplyFeed {
  private static final int MAX_PUSH = 16 << 20;

  /**
   * Begins the answer to a blocking command at a server that becomes a replica, which closes the
   * connection behind it (Redis, {@code blocked.c}, {@code disconnectAllBlockedClients}).
   */
  private static final byte[] FAREWELL =
      "-UNBLOCKED force unblock".getBytes(StandardCharsets.US_ASCII);

  private ReplyDecoder decoder;
  private @Nullable PushSink pushes;

  /** First byte of what is being read. */
  private byte type;

  /** What is being read is a push. */
  private boolean pushing;

  /** The server has said that it closes the connection. */
  private boolean closing;

  /** What has come of a push. */
  private @Nullable ByteBuf partialPush;

  /** Bytes of {@code channel} for the requests of {@code queue}. */
  RespReplyFeed(Worker worker, NodeChannel channel, NodeRecorder recorder, InFlightQueue queue) {
    super(worker, channel, recorder, queue);
    BackendSettings settings = channel.settings();
    decoder = new ReplyDecoder(settings.maxBulkLength(), settings.resp3());
  }

  @Override
  void acceptPushes(PushSink sink) {
    pushes = sink;
    decoder = ReplyDecoder.withPushes(channel.settings().maxBulkLength());
  }

  @Override
  boolean acceptsPushes() {
    return pushes != null;
  }

  @Override
  boolean inReply() {
    return !decoder.atStart();
  }

  @Override
  int unasked(ByteBuf in, int at, int to) {
    if (decoder.atStart()) {
      type = in.getByte(at);
      pushing = type == '>' && pushes != null;
    }
    return pushing ? push(in, at, to) : at;
  }

  @Override
  int feed(InFlight request, ByteBuf in, int at, int to) {
    return decoder.feed(in, at, to);
  }

  @Override
  boolean inLine() {
    return decoder.inLine();
  }

  @Override
  boolean isError() {
    return type == '-';
  }

  @Override
  boolean isSilence() {
    return false;
  }

  @Override
  void noteError(ByteBuf buf, int index, int length) {
    Verdict verdict = Verdict.of(buf, index, length);
    recorder.verdict(verdict);
    if (verdict == Verdict.MOVED || verdict == Verdict.ASK) {
      channel.speaksOfSlots(buf, index, length);
    } else if (verdict == Verdict.READONLY) {
      channel.refuses(verdict);
    } else if (verdict == Verdict.ANSWER) {
      closing |= isFarewell(buf, index, length);
    }
  }

  private static boolean isFarewell(ByteBuf buf, int index, int length) {
    if (length < FAREWELL.length) {
      return false;
    }
    for (int i = 0; i < FAREWELL.length; i++) {
      if (buf.getByte(index + i) != FAREWELL[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean serverIsClosing() {
    return closing;
  }

  /** Reads a push, which is held until it is whole. @return index after what was read of it */
  private int push(ByteBuf in, int at, int to) {
    PushSink sink = pushes;
    int end = decoder.feed(in, at, to);
    int read = end < 0 ? to : end;
    ByteBuf kept = partialPush;
    if (end >= 0 && kept == null && sink != null) {
      sink.onPush(in, at, end - at);
      return end;
    }
    if (kept == null) {
      partialPush = kept = worker.allocator().directBuffer(read - at, MAX_PUSH);
    }
    if (kept.readableBytes() + read - at > MAX_PUSH) {
      throw new ProtocolException("a push of more than " + MAX_PUSH + " bytes");
    }
    kept.writeBytes(in, at, read - at);
    if (end >= 0) {
      partialPush = null;
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

  @Override
  void close() {
    super.close();
    ByteBuf kept = partialPush;
    if (kept != null) {
      partialPush = null;
      kept.release();
    }
  }
}
