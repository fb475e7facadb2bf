package io.cashew.proxy.control;

import io.netty.util.concurrent.DefaultThreadFactory;
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
}
