package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.limit.RateBucket;
import io.cashew.proxy.loop.Worker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request has taken of the buckets of rates, a token each: all that it needs, or none.
 * Confined to the worker, and used again.
 */
final class Tokens {
  private final Worker worker;
  private final List<RateBucket> taken = new ArrayList<>();

  Tokens(Worker worker) {
    this.worker = worker;
  }

  /** The next request is looked at, or the same in another respect. */
  void clear() {
    taken.clear();
  }

  /** Takes a token, if there is a bucket; if that is empty, gives back what was taken before. */
  boolean take(@Nullable RateBucket bucket) {
    assert worker.inThread();
    if (bucket == null) {
      return true;
    }
    if (bucket.take(1, worker.nowNanos())) {
      taken.add(bucket);
      return true;
    }
    taken.forEach(each -> each.giveBack(1));
    taken.clear();
    return false;
  }
}
