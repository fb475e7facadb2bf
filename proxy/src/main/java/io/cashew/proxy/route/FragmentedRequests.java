package io.cashew.proxy.route;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.ReplyDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/** Requests on several nodes that are not in use, and what they share. Confined to a worker. */
final class FragmentedRequests {
  private static final int MAX_KEPT = 1024;

  final ByteBufAllocator allocator;

  private final Worker worker;

  /** Most bytes of replies that one request may hold. */
  long maxGathered;

  /** Finds the elements of replies that were already found whole: it is always at a start. */
  final ReplyDecoder elements = new ReplyDecoder(Long.MAX_VALUE, true);

  private final ArrayDeque<FragmentedRequest> free = new ArrayDeque<>();

  FragmentedRequests(Worker worker, long maxGathered) {
    this.worker = worker;
    allocator = worker.allocator();
    this.maxGathered = maxGathered;
  }

  /** An empty buffer with room for {@code bytes}; of a few, one that was used before. */
  ByteBuf takeBuffer(int bytes) {
    return bytes <= Outbound.MAX_BATCH ? worker.takeBatch() : allocator.directBuffer(bytes);
  }

  /** Takes ownership of what {@link #takeBuffer} gave, or any other buffer of the allocator. */
  void giveBuffer(ByteBuf buffer) {
    boolean batch = buffer.maxCapacity() == Outbound.MAX_BATCH;
    if (batch && buffer.refCnt() == 1) { // else a slice of it is on its way out
      worker.giveBatch(buffer);
    } else {
      buffer.release();
    }
  }

  FragmentedRequest take() {
    FragmentedRequest request = free.poll();
    return request == null ? new FragmentedRequest(this) : request;
  }

  void give(FragmentedRequest request) {
    if (free.size() < MAX_KEPT) {
      free.push(request);
    }
  }
}
