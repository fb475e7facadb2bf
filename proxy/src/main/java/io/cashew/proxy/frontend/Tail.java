package io.cashew.proxy.frontend;

import io.cashew.proxy.loop.Worker;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent that is not taken yet: a request that is not complete, or all that comes
 * while the client is paused. There is a buffer only while there is something. Confined to the
 * worker.
 */
final class Tail {
  private static final int SMALLEST = 256;

  private final Worker worker;
  private @Nullable ByteBuf bytes;

  Tail(Worker worker) {
    this.worker = worker;
  }

  /** What is here; null: nothing. Borrowed until the next call; taken by its reader index. */
  @Nullable ByteBuf bytes() {
    return bytes;
  }

  int length() {
    ByteBuf current = bytes;
    return current == null ? 0 : current.readableBytes();
  }

  /** Copies bytes behind those that wait; the buffer grows no faster than bytes arrive. */
  void append(ByteBuf from, int index, int length) {
    ByteBuf current = bytes;
    if (current == null) {
      bytes = current = worker.allocator().directBuffer(Math.max(length, SMALLEST));
    } else if (current.writableBytes() < length) {
      int kept = current.readableBytes();
      boolean mostlyRead = current.readerIndex() > kept;
      if (mostlyRead || current.refCnt() > 1) {
        // What was read may still be on its way out of here as a slice: never move it.
        ByteBuf fresh = worker.allocator().directBuffer(Math.max(2 * kept, kept + length));
        fresh.writeBytes(current, current.readerIndex(), kept);
        current.release();
        bytes = current = fresh;
      }
    }
    current.writeBytes(from, index, length);
  }

  void drop() {
    ByteBuf current = bytes;
    if (current != null) {
      bytes = null;
      current.release();
    }
  }
}
