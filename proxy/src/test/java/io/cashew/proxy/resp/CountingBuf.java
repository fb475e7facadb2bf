package io.cashew.proxy.resp;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/** Counts the bytes that a decoder looks at. */
final class CountingBuf extends UnpooledHeapByteBuf {
  long bytesRead;

  CountingBuf(int capacity) {
    super(UnpooledByteBufAllocator.DEFAULT, capacity, capacity);
  }

  @Override
  public byte getByte(int index) {
    bytesRead++;
    return super.getByte(index);
  }

  @Override
  public short getShortLE(int index) {
    bytesRead += 2;
    return super.getShortLE(index);
  }

  @Override
  public int getIntLE(int index) {
    bytesRead += 4;
    return super.getIntLE(index);
  }

  @Override
  public long getLongLE(int index) {
    bytesRead += 8;
    return super.getLongLE(index);
  }
}
