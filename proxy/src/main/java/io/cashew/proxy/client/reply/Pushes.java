package io.cashew.proxy.client.reply;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages for one client that cannot be written yet: because a reply is on its way that must not
 * be broken into or overtaken, or because the client takes nothing. Confined to the worker.
 *
 * <p>What waits here is packed into full buffers. Written to the channel instead, each message of a
 * client that does not read would keep a batch of its own.
 */
final class Pushes {
  /** What a message begins with in RESP3 where RESP2 has {@code *}. */
  static final ByteBuf PUSH =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(Replies.bytes(">")));

  private static final int CHUNK = 64 << 10;

  /** Bytes that may be written when the first {@code after} replies are given. */
  private record Segment(ByteBuf bytes, boolean full, long after) {}

  private final Worker worker;
  private final Channel channel;
  private final Outbound outbound;
  private final Runnable onDrained;
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private long bytes;
  private boolean flushing;

  /** {@code onDrained} runs when a client that took nothing has taken all that waited. */
  Pushes(Worker worker, Channel channel, Outbound outbound, Runnable onDrained) {
    this.worker = worker;
    this.channel = channel;
    this.outbound = outbound;
    this.onDrained = onDrained;
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** Whether the client takes nothing. */
  boolean blocked() {
    return flushing;
  }

  /** Bytes that wait. */
  long bytes() {
    return bytes;
  }

  /**
   * Keeps a message behind those that wait, in one piece: a reply may be written between pieces.
   *
   * @param resp3 whether it begins with {@link #PUSH} in place of its first byte
   * @param after replies that come first, counted from the client's first
   */
  void add(ByteBuf buf, int index, int length, boolean resp3, long after) {
    assert worker.inThread();
    bytes += length;
    if (length >= Outbound.SLICE_FROM) {
      ByteBuf message =
          resp3
              ? Unpooled.wrappedBuffer(PUSH.duplicate(), buf.retainedSlice(index + 1, length - 1))
              : buf.retainedSlice(index, length);
      segments.add(new Segment(message, true, after));
      return;
    }
    Segment last = segments.peekLast();
    boolean fits =
        last != null
            && !last.full()
            && last.after() == after
            && last.bytes().readableBytes() + length <= CHUNK;
    if (!fits) {
      last =
          new Segment(worker.allocator().directBuffer(Math.max(256, length), CHUNK), false, after);
      segments.add(last);
    }
    if (resp3) {
      last.bytes().writeBytes(PUSH, 0, 1).writeBytes(buf, index + 1, length - 1);
    } else {
      last.bytes().writeBytes(buf, index, length);
    }
  }

  /**
   * Writes what may be written now.
   *
   * @param given replies that the client has been given
   */
  void drain(long given) {
    assert worker.inThread();
    while (!flushing) {
      Segment first = segments.peek();
      if (first == null || first.after() > given) {
        return;
      }
      if (outbound.behind()) {
        waitForClient();
        return;
      }
      segments.remove();
      bytes -= first.bytes().readableBytes();
      outbound.writeOwned(first.bytes());
      outbound.flush();
    }
  }

  /** The channel tells when everything before an empty write has been taken. */
  private void waitForClient() {
    flushing = true;
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            taken -> {
              flushing = false;
              if (taken.isSuccess()) {
                onDrained.run();
              }
            });
  }

  /** The client is gone. */
  void discard() {
    for (Segment segment = poll(); segment != null; segment = poll()) {
      segment.bytes().release();
    }
    bytes = 0;
  }

  private @Nullable Segment poll() {
    return segments.poll();
  }
}
