package io.cashew.proxy.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop that knows the end of its iteration: {@link Worker#flushDirty()} runs when every
 * ready channel has been read, and again before the loop waits, for what tasks have written.
 */
final class WorkerLoop extends SingleThreadIoEventLoop {
  private final Worker worker;
  private final @Nullable Ticker ticker;

  WorkerLoop(
      IoEventLoopGroup parent,
      Executor executor,
      IoHandlerFactory ioHandlerFactory,
      int index,
      ByteBufAllocator allocator,
      MemoryLimit memory,
      Ticker ticker) {
    super(parent, executor, ioHandlerFactory);
    this.ticker = ticker;
    worker = new Worker(index, allocator, memory, this, ticker);
  }

  /** The time by which the loop's tasks are due. */
  @Override
  public Ticker ticker() {
    Ticker own = ticker;
    return own == null ? super.ticker() : own; // null while the superclass is being constructed
  }

  Worker worker() {
    return worker;
  }

  /** Begins the ticks: not at a fixed rate, which would make up for each one that a freeze cost. */
  void start() {
    scheduleWithFixedDelay(
        () -> worker.tick(worker.nanoTime()),
        TickClock.TICK_MILLIS,
        TickClock.TICK_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  @Override
  protected void run() {
    super.run();
    if (isShuttingDown()) {
      // A loop that is told to end while it runs tasks ends without closing its channels.
      ioHandler().prepareToDestroy();
      runAllTasks(); // what channels do when they are closed
      worker.close();
    }
  }

  // What says for how long the I/O handler may sleep: until the next task, no longer than batches
  // may wait, and not at all when a task waits for what is there to be read.

  @Override
  protected long delayNanos(long currentTimeNanos) {
    if (worker.afterReads() > 0) {
      return 0;
    }
    long untilTask = super.delayNanos(currentTimeNanos);
    return worker.batchesWait() ? Math.min(untilTask, worker.waitNanos()) : untilTask;
  }

  @Override
  protected long deadlineNanos() {
    if (worker.afterReads() > 0) {
      return ticker().nanoTime();
    }
    long ofTask = super.deadlineNanos();
    if (!worker.batchesWait()) {
      return ofTask;
    }
    long ofBatches = ticker().nanoTime() + worker.waitNanos();
    return ofTask < 0 ? ofBatches : Math.min(ofTask, ofBatches); // below 0: there is none
  }

  @Override
  protected int runIo() {
    worker.endIteration();
    worker.pacing().awaitTurn();
    int waiting = worker.afterReads();
    int handled = super.runIo();
    worker.haveRead(waiting);
    worker.endIteration();
    return handled;
  }
}
