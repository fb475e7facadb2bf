package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop and what its channels share: the receive buffer, the batches of bytes to be
 * written, the clocks. Everything here belongs to the loop's thread, except {@link #index()} and
 * {@link #eventLoop()}.
 *
 * <p>Bytes for a channel gather in its {@link Outbound} while the ready channels are read; when all
 * have been read, each dirty channel is written once, nodes before clients. This one write a
 * destination an iteration is the largest single factor of the proxy's cost. Under load a client's
 * batch may wait for the rest of its replies, over a few iterations: {@link Pacing}.
 */
public final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private static final int MAX_SPARE_BATCHES = 128;
  private static final int SMALL_BUFFER = 256;

  /** What one of the {@link #smallBuffers()} should hold at most: a larger one is not kept. */
  public static final int MAX_SMALL_BUFFER = 4 << 10;

  private static final int MAX_SPARE_SMALL_BUFFERS = 1024;

  private final int index;
  private final ByteBufAllocator allocator;
  private final ReceiveBuffer receiveBuffer;
  private final TickClock tickClock = new TickClock();
  private final List<TickListener> tickListeners = new ArrayList<>();
  private final DirtyList dirtyBackends = new DirtyList();
  private final DirtyList dirtyClients = new DirtyList();
  private final SpareBuffers batches;
  private final SpareBuffers smallBuffers;
  private boolean lettingRead;
  private long iterationNanos;
  private boolean iterationTimed;
  private final Pacing pacing = new Pacing();

  /** Whether batches of clients wait, and until when the first of them does. */
  private boolean batchesWait;

  private long waitUntilNanos;
  private final WorkerLoop loop;
  private final MemoryLimit memory;
  private final Ticker ticker;

  /** What waits until all channels that are ready have been read. */
  private final ArrayDeque<Runnable> afterReads = new ArrayDeque<>();

  Worker(
      int index, ByteBufAllocator allocator, MemoryLimit memory, WorkerLoop loop, Ticker ticker) {
    this.index = index;
    this.allocator = allocator;
    this.memory = memory;
    this.loop = loop;
    this.ticker = ticker;
    receiveBuffer = new ReceiveBuffer(allocator);
    batches =
        new SpareBuffers(allocator, Outbound.INITIAL_BATCH, Outbound.MAX_BATCH, MAX_SPARE_BATCHES);
    smallBuffers =
        new SpareBuffers(allocator, SMALL_BUFFER, MAX_SMALL_BUFFER, MAX_SPARE_SMALL_BUFFERS);
  }

  /** The worker whose loop this is. */
  public static Worker of(EventLoop loop) {
    return ((WorkerLoop) loop).worker();
  }

  /** 0 for the first worker. */
  public int index() {
    return index;
  }

  /** The loop; its thread owns this object. */
  public EventLoop eventLoop() {
    return loop;
  }

  /** Whether the calling thread is the owner; asserted at entry points. */
  public boolean inThread() {
    return loop.inEventLoop();
  }

  /** Where this worker's buffers come from. */
  public ByteBufAllocator allocator() {
    return allocator;
  }

  /** Whether the buffers of the process hold more than they should: no new work is taken then. */
  public boolean shortOfMemory() {
    return memory.exceeded();
  }

  /** Bytes of buffers above what they should hold, for all workers together to give back. */
  public long memoryExcess() {
    return memory.excess();
  }

  /** So many bytes of buffers are given back. */
  public void giveBackMemory(long bytes) {
    memory.giveBack(bytes);
  }

  /** Set as {@code RECVBUF_ALLOCATOR} on channels of this worker, so that they share one buffer. */
  public RecvByteBufAllocator receiveBuffers() {
    return receiveBuffer;
  }

  /**
   * The same for a channel whose first handler may have room for what comes, behind what it holds
   * already: it then gets that slice as what was read.
   *
   * @param room gives an empty slice to receive into, owned, or null; asked before each read
   */
  public RecvByteBufAllocator receiveBuffers(Supplier<@Nullable ByteBuf> room) {
    return receiveBuffer.into(room);
  }

  /**
   * Monotonic nanoseconds, read from the system at most once an iteration: for latencies, not for
   * time-outs.
   */
  public long nowNanos() {
    if (!iterationTimed) {
      iterationTimed = true;
      iterationNanos = nanoTime();
    }
    return iterationNanos;
  }

  /** The time now: {@link System#nanoTime()}, unless a test has a clock of its own. */
  long nanoTime() {
    return ticker.initialNanoTime() + ticker.nanoTime();
  }

  /**
   * Milliseconds of this worker's own time, for time-outs: it advances tick by tick and stands
   * still while the process is frozen, so that what arrived meanwhile is read before it is judged
   * late.
   */
  public long tickMillis() {
    return tickClock.millis();
  }

  /** Calls {@code listener} every {@link TickClock#TICK_MILLIS}. */
  public void addTickListener(TickListener listener) {
    assert inThread();
    tickListeners.add(listener);
  }

  /** Stops calling {@code listener}. */
  public void removeTickListener(TickListener listener) {
    assert inThread();
    tickListeners.remove(listener);
  }

  /**
   * Moves the clock and tells the listeners. After a freeze it lets the loop read first what has
   * arrived meanwhile; not twice in a row, so that a loop that is always slow still times out.
   */
  void tick(long nowNanos) {
    long now = tickClock.tick(nowNanos);
    pacing.tick(nowNanos);
    lettingRead = tickClock.late() && !lettingRead;
    if (lettingRead) {
      return;
    }
    if (index == 0) {
      memory.look(now);
    }
    for (int i = tickListeners.size() - 1; i >= 0; i--) {
      if (i < tickListeners.size()) { // a listener may have removed others
        tick(tickListeners.get(i), now);
      }
    }
  }

  private static void tick(TickListener listener, long now) {
    try {
      listener.onTick(now);
    } catch (Throwable e) {
      // Let out, it would end the ticks, and with them every time-out of this worker.
      LOG.error("error in {} at a tick; the others go on", listener, e);
    }
  }

  DirtyList dirtyList(Outbound.Side side) {
    return side == Outbound.Side.NODE ? dirtyBackends : dirtyClients;
  }

  /** Writes every batch. A write may make others dirty, so this goes on until none is. */
  void flushDirty() {
    while (!dirtyBackends.isEmpty() || !dirtyClients.isEmpty()) {
      dirtyBackends.flushAll();
      dirtyClients.flushAll();
    }
  }

  /** Writes every batch but those that wait for more; {@link Pacing}. */
  void endIteration() {
    batchesWait = false;
    if (pacing.on() && !dirtyClients.isEmpty()) {
      long now = nowNanos();
      do {
        dirtyBackends.flushAll();
        dirtyClients.flushAllBut(now - Pacing.LONGEST_BATCH_NANOS);
      } while (!dirtyBackends.isEmpty());
      batchesWait = !dirtyClients.isEmpty();
      if (batchesWait) {
        waitUntilNanos = dirtyClients.oldestNanos() + Pacing.LONGEST_BATCH_NANOS;
      }
    } else {
      flushDirty();
    }
    iterationTimed = false;
  }

  /**
   * Runs {@code task} when every channel has been read that is ready by now: what its peer has
   * sent, or that it has left. The channels that are being read at the moment do not count, since
   * the kernel told of them earlier.
   */
  public void afterReads(Runnable task) {
    assert inThread();
    afterReads.add(task);
  }

  /** How many tasks wait for the next reads. */
  int afterReads() {
    return afterReads.size();
  }

  /** Every channel has been read that was ready: runs what has waited for that, the first tasks. */
  void haveRead(int tasks) {
    for (int i = 0; i < tasks; i++) {
      afterReads.remove().run();
    }
  }

  /** When this worker waits for more. */
  Pacing pacing() {
    return pacing;
  }

  /** Whether a batch waits, so that the loop must not sleep for long. */
  boolean batchesWait() {
    return batchesWait;
  }

  /** Nanoseconds until the first batch that waits is to leave. */
  long waitNanos() {
    return Math.max(0, waitUntilNanos - nanoTime());
  }

  /** A client has sent something, for the first time within this tick. */
  public void clientActive() {
    pacing.clientActive();
  }

  /** Buffers for bytes on their way out, which leave with the iteration. */
  public SpareBuffers batches() {
    return batches;
  }

  /** Buffers for some hundred bytes that wait, of which there may be one a request in flight. */
  public SpareBuffers smallBuffers() {
    return smallBuffers;
  }

  /** Gives back the buffers that are kept; from here on none is. */
  void close() {
    receiveBuffer.close();
    batches.close();
    smallBuffers.close();
  }
}
