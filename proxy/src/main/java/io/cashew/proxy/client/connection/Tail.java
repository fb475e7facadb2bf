package io.cashew.proxy.client.connection;

import io.cashew.proxy.resp.RequestDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent that is not taken yet: a request that is not complete, or all that comes
 * while the client is paused. There is a buffer only while there is something. Confined to the
 * worker.
 */
final class Tail {
  private static final int SMALLEST = 256;

  /** The most memory that is taken for what is announced, in multiples of what has come. */
  private static final int ON_TRUST = 2;

  /** Less room than this is not worth a read of its own. */
  private static final int LEAST_ROOM = 16 << 10;

  /** What is received in one go, so that other clients have their turn. */
  private static final int MOST_ROOM = Intake.STREAM_FROM;

  private final ByteBufAllocator allocator;
  private @Nullable ByteBuf bytes;

  Tail(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** What is here; null: nothing. Borrowed until the next call; taken by its reader index. */
  @Nullable ByteBuf bytes() {
    return bytes;
  }

  int length() {
    ByteBuf current = bytes;
    return current == null ? 0 : current.readableBytes();
  }

  /**
   * An empty slice of what is free behind the bytes that wait, owned, to receive others into; null
   * if there is none.
   */
  @Nullable ByteBuf room() {
    ByteBuf current = bytes;
    if (current == null || !current.hasMemoryAddress() || current.writableBytes() < LEAST_ROOM) {
      return null;
    }
    int free = Math.min(current.writableBytes(), MOST_ROOM);
    return current.retainedSlice(current.writerIndex(), free).clear();
  }

  /**
   * Appends bytes: copies them, unless they were received into {@link #room()}. The buffer is at
   * most about twice as large as what has come.
   *
   * @param needed bytes of the first request that it takes to get further with it, as {@link
   *     RequestDecoder#needed}: of an argument all but its last byte
   */
  void append(ByteBuf from, int index, int length, int needed) {
    ByteBuf current = bytes;
    if (current == null) {
      int trusted = Math.min(needed + 1, Math.min(ON_TRUST * length, Intake.STREAM_FROM));
      int capacity = Math.max(Math.max(length, trusted), SMALLEST);
      bytes = current = allocator.directBuffer(capacity);
    } else if (isInPlace(current, from, index, length)) {
      current.writerIndex(current.writerIndex() + length);
      return;
    } else if (current.writableBytes() < length) {
      int kept = current.readableBytes();
      boolean mostlyRead = current.readerIndex() > kept;
      if (mostlyRead || current.refCnt() > 1) {
        // What was read may still be on its way out of here as a slice: never move it.
        ByteBuf fresh = allocator.directBuffer(Math.max(2 * kept, kept + length));
        fresh.writeBytes(current, current.readerIndex(), kept);
        current.release();
        bytes = current = fresh;
      }
    }
    current.writeBytes(from, index, length);
  }

  /**
   * Whether the bytes are where they are to go. There must be room for them: what lies behind a
   * full buffer is another, perhaps the one that they were received into.
   */
  private static boolean isInPlace(ByteBuf current, ByteBuf from, int index, int length) {
    return length <= current.writableBytes()
        && current.hasMemoryAddress()
        && from.hasMemoryAddress()
        && from.memoryAddress() + index == current.memoryAddress() + current.writerIndex();
  }

  void drop() {
    ByteBuf current = bytes;
    if (current != null) {
      bytes = null;
      current.release();
    }
  }
}
