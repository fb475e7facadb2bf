package io.cashew.proxy.client.reply;

import io.cashew.proxy.loop.ShortCopy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a reply that are here before their turn. Short replies are held in an array that is
 * kept, longer ones in a buffer. Confined to the worker.
 */
final class ParkedReply {
  private static final int MAX_KEPT = 256;

  private byte[] small = new byte[32];
  private int smallLength;
  private @Nullable ByteBuf large;

  int length() {
    ByteBuf bytes = large;
    return bytes == null ? smallLength : bytes.readableBytes();
  }

  void add(ByteBuf buf, int index, int length, ByteBufAllocator allocator) {
    if (fits(length)) {
      ShortCopy.get(buf, index, small, smallLength, length);
      smallLength += length;
    } else {
      large(length, allocator).writeBytes(buf, index, length);
    }
  }

  void add(byte[] reply, ByteBufAllocator allocator) {
    if (fits(reply.length)) {
      System.arraycopy(reply, 0, small, smallLength, reply.length);
      smallLength += reply.length;
    } else {
      large(reply.length, allocator).writeBytes(reply);
    }
  }

  private boolean fits(int length) {
    if (large != null || smallLength + length > MAX_KEPT) {
      return false;
    }
    if (smallLength + length > small.length) {
      small = Arrays.copyOf(small, MAX_KEPT);
    }
    return true;
  }

  private ByteBuf large(int length, ByteBufAllocator allocator) {
    ByteBuf bytes = large;
    if (bytes == null) {
      bytes = allocator.directBuffer(smallLength + length);
      bytes.writeBytes(small, 0, smallLength);
      smallLength = 0;
      large = bytes;
    }
    return bytes;
  }

  /**
   * Writes what is here, and holds nothing more.
   *
   * @return whether there was anything
   */
  boolean writeTo(ReplyQueue queue) {
    boolean any = false;
    if (smallLength > 0) {
      int length = smallLength;
      smallLength = 0;
      queue.write(small, 0, length);
      any = true;
    }
    ByteBuf bytes = large;
    if (bytes != null) {
      large = null;
      queue.write(bytes, bytes.readerIndex(), bytes.readableBytes());
      bytes.release();
      any = true;
    }
    return any;
  }

  void drop() {
    smallLength = 0;
    ByteBuf bytes = large;
    if (bytes != null) {
      large = null;
      bytes.release();
    }
  }
}
