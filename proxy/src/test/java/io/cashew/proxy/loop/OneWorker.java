package io.cashew.proxy.loop;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A worker that runs, and on whose thread a test can do things. */
final class OneWorker implements AutoCloseable {
  private final WorkerGroup group =
      new WorkerGroup(
          1, 1, NioIoHandler.newFactory(), PooledByteBufAllocator.DEFAULT, Long.MAX_VALUE);

  /** Something that a test does; it may fail in any way. */
  interface Step {
    void run() throws Exception;
  }

  Worker worker() {
    return group.workers().get(0);
  }

  WorkerGroup group() {
    return group;
  }

  /** Runs a step as one task of the loop: nothing else happens on it meanwhile. */
  void run(Step step) throws Exception {
    call(
        () -> {
          step.run();
          return true;
        });
  }

  <T> T call(Callable<T> step) throws Exception {
    try {
      return worker().eventLoop().submit(step).get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error; // a failed assertion, as it is
      }
      throw e;
    }
  }

  @Override
  public void close() {
    if (!group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10_000)) {
      throw new IllegalStateException("the worker does not end");
    }
  }
}
