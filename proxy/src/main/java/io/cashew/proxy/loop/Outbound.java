package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes on their way out of one channel: a batch that is written once, when every ready channel
 * has been read. Confined to the channel's worker.
 *
 * <p>Small pieces are copied into the batch, which is cheaper than a slice and an entry of a
 * scatter list; large ones follow it as slices, without a copy.
 */
public final class Outbound {

  /** Which end of the proxy a channel is at: nodes are written before clients. */
  public enum Side {
    NODE,
    CLIENT
  }

  static final int INITIAL_BATCH = 1 << 10;

  /** A batch does not grow beyond it. */
  public static final int MAX_BATCH = 64 << 10;

  /** From this many bytes on, a slice is cheaper than a copy. */
  public static final int SLICE_FROM = 8 << 10;

  private final Worker worker;
  private final Channel channel;

  /** Whether a handler changes what is written, as TLS does; if none does, none is asked. */
  private final boolean handled;

  private final DirtyList dirtyList;
  private final SpareBuffers batches;
  private @Nullable ByteBuf batch;
  private boolean dirty;
  private long dirtySinceNanos;

  /** Whether more is about to be written, for which a small batch may wait. */
  private @Nullable BooleanSupplier moreToCome;

  private boolean held;
  private @Nullable ArrayDeque<ByteBuf> heldBuffers;
  private long heldBytes;

  /** How often bytes have left. */
  private long flushes;

  private InChannel inChannel = InChannel.NOTHING;
  private boolean discarded;

  /** What the channel has of the bytes that were handed to it. */
  private enum InChannel {
    NOTHING,

    /** Bytes that it has not been told to send yet: they cannot be taken back. */
    UNFLUSHED,

    /** What the kernel may not have taken of the bytes that were flushed. */
    REST
  }

  /**
   * Gathers for {@code channel}.
   *
   * @param worker the worker that the channel is registered with
   * @param channel where the bytes go; a handler that changes them is there already
   * @param side which end of the proxy this is
   */
  public Outbound(Worker worker, Channel channel, Side side) {
    this.worker = worker;
    this.channel = channel;
    handled = channel.pipeline().get(ChannelOutboundHandler.class) != null;
    dirtyList = worker.dirtyList(side);
    batches = worker.batches();
  }

  /** Lets a small batch wait a moment, where {@code moreToCome} says so, for the rest of it. */
  public void waitFor(BooleanSupplier moreToCome) {
    this.moreToCome = moreToCome;
  }

  /** Since when there have been bytes to be written, as {@code System.nanoTime}. */
  long dirtySinceNanos() {
    return dirtySinceNanos;
  }

  /** Whether what is here had better leave together with what is about to be written. */
  boolean mayWait() {
    BooleanSupplier more = moreToCome;
    ByteBuf current = batch;
    return more != null
        && current != null
        && current.readableBytes() < SLICE_FROM
        && inChannel != InChannel.UNFLUSHED
        && more.getAsBoolean();
  }

  /** Keeps what is written from leaving: a node gets no request before its handshake is done. */
  public void hold() {
    held = true;
  }

  /** Lets go what was held. */
  public void releaseHeld() {
    held = false;
    heldBytes = 0;
    ArrayDeque<ByteBuf> buffers = heldBuffers;
    heldBuffers = null;
    while (buffers != null && !buffers.isEmpty()) {
      pass(buffers.remove());
    }
    if (!dirty) {
      markDirty();
    }
  }

  /**
   * The batch with room for {@code bytes} more, at most {@link #MAX_BATCH}; borrowed until the next
   * call. What the caller writes to it goes out with the batch.
   */
  public ByteBuf reserve(int bytes) {
    assert worker.inThread();
    assert bytes <= MAX_BATCH;
    ByteBuf current = batch;
    if (current == null) {
      batch = current = batches.take();
    } else if (current.readableBytes() + bytes > MAX_BATCH) {
      pass(current);
      batch = current = batches.take();
    }
    if (!dirty) {
      markDirty();
    }
    return current;
  }

  /** Writes bytes; borrows {@code from}, of which a large piece is retained until it is sent. */
  public void write(ByteBuf from, int index, int length) {
    if (length < SLICE_FROM) {
      ShortCopy.write(from, index, reserve(length), length);
    } else {
      writeOwned(from.retainedSlice(index, length));
    }
  }

  /** Writes bytes of an array. */
  public void write(byte[] from, int index, int length) {
    int at = index;
    int left = length;
    while (left > 0) {
      int piece = Math.min(left, MAX_BATCH / 2);
      ShortCopy.write(from, at, reserve(piece), piece);
      at += piece;
      left -= piece;
    }
  }

  /** Writes all readable bytes of {@code buf}; takes ownership. */
  public void writeOwned(ByteBuf buf) {
    assert worker.inThread();
    ByteBuf current = batch;
    if (current != null) {
      batch = null;
      pass(current);
    }
    pass(buf);
    if (!dirty) {
      markDirty();
    }
  }

  /** Bytes that the kernel has not taken yet. */
  public long pendingBytes() {
    ByteBuf current = batch;
    long pending = heldBytes + (current == null ? 0 : current.readableBytes());
    return inChannel == InChannel.NOTHING ? pending : pending + channelBytes();
  }

  private long channelBytes() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /** Whether bytes were written that the kernel has not taken: the receiver does not read. */
  public boolean behind() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty();
  }

  /** Changes when bytes leave: what was written at the present number has not left. */
  public long flushes() {
    return flushes;
  }

  /**
   * Takes back what was written and has not left, for a channel that has closed; returns owned.
   *
   * @return null if not all of it is here
   */
  public @Nullable ByteBuf takeUnsent() {
    ByteBuf unsent = held || inChannel == InChannel.UNFLUSHED ? null : batch;
    if (unsent != null) {
      batch = null;
    }
    return unsent;
  }

  /** Writes the batch to the channel now. */
  public void flush() {
    // Of a channel that has ended nothing leaves; its handler will hear of the end, and discard.
    if (held || !(channel.isOpen() || discarded)) {
      dirty = false;
      return;
    }
    flushes++;
    inChannel = InChannel.REST;
    ByteBuf current = batch;
    if (current != null) {
      batch = null;
      write(current.retain());
    }
    dirty = false;
    if (handled) {
      channel.flush();
    } else {
      channel.unsafe().flush();
    }
    if (inChannel == InChannel.REST && !handled && !behind()) {
      inChannel = InChannel.NOTHING;
    }
    if (current != null) {
      batches.give(current); // not kept if the kernel has not taken it all
    }
  }

  /**
   * Drops what was not handed to the channel; for a channel that has closed. What is written later
   * is for the channel to drop.
   */
  public void discard() {
    held = false;
    discarded = true;
    ByteBuf current = batch;
    if (current != null) {
      batch = null;
      batches.give(current);
    }
    ArrayDeque<ByteBuf> buffers = heldBuffers;
    heldBuffers = null;
    heldBytes = 0;
    while (buffers != null && !buffers.isEmpty()) {
      buffers.remove().release();
    }
  }

  private void markDirty() {
    dirty = true;
    dirtySinceNanos = worker.nowNanos();
    dirtyList.add(this);
  }

  /** Hands bytes to the channel without flushing; takes ownership. */
  private void pass(ByteBuf buf) {
    if (held) {
      if (heldBuffers == null) {
        heldBuffers = new ArrayDeque<>();
      }
      heldBuffers.add(buf);
      heldBytes += buf.readableBytes();
    } else {
      inChannel = InChannel.UNFLUSHED;
      write(buf);
    }
  }

  private void write(ByteBuf buf) {
    if (handled) {
      channel.write(buf, channel.voidPromise());
    } else { // as the last handler would, without the way there
      channel.unsafe().write(buf, channel.voidPromise());
    }
  }
}
