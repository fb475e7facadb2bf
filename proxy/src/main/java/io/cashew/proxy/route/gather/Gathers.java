package io.cashew.proxy.route.gather;

import io.cashew.proxy.loop.SpareBuffers;
import io.cashew.proxy.loop.Worker;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/** Gathers that are not in use, and what they share. Confined to a worker. */
final class Gathers {
  private static final int MAX_KEPT = 1024;

  final ByteBufAllocator allocator;

  /** For replies that wait until all have come. */
  final SpareBuffers smallBuffers;

  final Merges merges;

  /** Most bytes of replies that one request may hold. */
  long maxGathered;

  private final ArrayDeque<Gather> free = new ArrayDeque<>();

  Gathers(Worker worker, long maxGathered) {
    allocator = worker.allocator();
    smallBuffers = worker.smallBuffers();
    merges = new Merges(worker);
    this.maxGathered = maxGathered;
  }

  Gather take() {
    Gather gather = free.poll();
    return gather == null ? new Gather(this) : gather;
  }

  void give(Gather gather) {
    if (free.size() < MAX_KEPT) {
      free.push(gather);
    }
  }
}
