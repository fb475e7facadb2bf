package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one receive buffer of a worker, shared by all its channels: bytes are parsed where the kernel
 * put them, so an idle connection owns no buffer. Confined to the worker's thread.
 *
 * <p>A reader that is still holding the buffer (a large value on its way to a slow receiver) keeps
 * it; the next read then gets a fresh one. Nothing is ever overwritten under a holder.
 */
final class ReceiveBuffer implements RecvByteBufAllocator {
  /** A value of 64 KB with the lines around it; larger ones gained nothing when measured. */
  static final int CAPACITY = 80 << 10;

  /** Full reads of one channel in a row before the others get their turn. */
  private static final int MAX_READS_IN_A_ROW = 4;

  private final ByteBufAllocator allocator;
  private ByteBuf shared;
  private boolean closed;

  ReceiveBuffer(ByteBufAllocator allocator) {
    this.allocator = allocator;
    shared = allocator.directBuffer(CAPACITY, CAPACITY);
  }

  @Override
  @SuppressWarnings(
      "deprecation") // Handle is deprecated in favour of ExtendedHandle, the signature is not
  public Handle newHandle() {
    return new ChannelHandle(() -> null);
  }

  /**
   * For a channel whose handler may have room for what comes behind what it holds already.
   *
   * @param room gives an empty slice to receive into, owned, or null; asked before each read
   */
  RecvByteBufAllocator into(Supplier<@Nullable ByteBuf> room) {
    return () -> new ChannelHandle(room);
  }

  /** Gives the buffer back. Reads that are still to come get one of their own. */
  void close() {
    if (!closed) {
      closed = true;
      shared.release();
    }
  }

  private ByteBuf take() {
    if (closed) {
      return allocator.directBuffer(CAPACITY, CAPACITY);
    }
    if (shared.refCnt() != 1) {
      // The new one first: if there is no memory for it, the worker still has a buffer.
      ByteBuf fresh = allocator.directBuffer(CAPACITY, CAPACITY);
      shared.release();
      shared = fresh;
    }
    return shared.clear().retain();
  }

  private final class ChannelHandle implements ExtendedHandle {
    private final Supplier<@Nullable ByteBuf> room;
    private @Nullable ChannelConfig channel;
    private int attempted;
    private int last;
    private int reads;

    ChannelHandle(Supplier<@Nullable ByteBuf> room) {
      this.room = room;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator ignored) {
      ByteBuf own = room.get();
      return own == null ? take() : own;
    }

    @Override
    public int guess() {
      return CAPACITY;
    }

    @Override
    public void reset(ChannelConfig config) {
      channel = config;
      reads = 0;
    }

    @Override
    public void incMessagesRead(int count) {
      reads += count;
    }

    @Override
    public void lastBytesRead(int bytes) {
      last = bytes;
    }

    @Override
    public int lastBytesRead() {
      return last;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attempted;
    }

    /**
     * A short read has emptied the socket: asking again would only cost a system call. What was
     * read may have paused the channel: it gets no more.
     */
    @Override
    public boolean continueReading() {
      return last == attempted
          && last > 0
          && reads < MAX_READS_IN_A_ROW
          && channel != null
          && channel.isAutoRead();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return continueReading();
    }

    @Override
    public void readComplete() {}
  }
}
