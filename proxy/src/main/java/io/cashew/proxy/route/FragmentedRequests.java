package io.cashew.proxy.route;

import io.cashew.proxy.loop.SpareBuffers;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.ReplyDecoder;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/** Requests on several nodes that are not in use, and what they share. Confined to a worker. */
final class FragmentedRequests {
  private static final int MAX_KEPT = 1024;

  final ByteBufAllocator allocator;

  /** For pieces of a reply, which whoever gets them copies or retains at once. */
  final SpareBuffers batches;

  /** For replies that wait until all have come. */
  final SpareBuffers smallBuffers;

  /** Most bytes of replies that one request may hold. */
  long maxGathered;

  /** Finds the elements of replies that were already found whole: it is always at a start. */
  final ReplyDecoder elements = new ReplyDecoder(Long.MAX_VALUE, true);

  private final ArrayDeque<FragmentedRequest> free = new ArrayDeque<>();

  FragmentedRequests(Worker worker, long maxGathered) {
    allocator = worker.allocator();
    batches = worker.batches();
    smallBuffers = worker.smallBuffers();
    this.maxGathered = maxGathered;
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
