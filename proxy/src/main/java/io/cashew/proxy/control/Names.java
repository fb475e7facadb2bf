package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * How names of nodes are looked up, and who hears that one has moved. A proxy has one; any thread
 * uses it.
 *
 * @param lookup finds addresses
 * @param threads {@code resolver}: a few, so that a name whose server is dead does not delay the
 *     others; none while nothing is looked up
 * @param moved runs on one of them when a name has another address than its node was made with
 */
record Names(NameLookup lookup, ThreadPoolExecutor threads, Runnable moved) {
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 10;

  static Names of(NameLookup lookup, Runnable moved) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("resolver", true));
    threads.allowCoreThreadTimeOut(true);
    return new Names(lookup, threads, moved);
  }

  /**
   * Waits until the look-ups of some addresses that were asked for so far have ended. Never on an
   * event loop.
   *
   * @return whether all have, before the time has passed or somebody has interrupted
   */
  static boolean await(List<NodeAddress> addresses, long seconds) {
    CountDownLatch missing = new CountDownLatch(addresses.size());
    addresses.forEach(address -> address.whenLookedUp(missing::countDown));
    try {
      return missing.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
