package io.cashew.proxy.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** The workers of a process. */
public final class WorkerGroup extends MultiThreadIoEventLoopGroup {
  private final PooledByteBufAllocator allocator;
  private final int clientsTogether;

  /** Clients of each worker. */
  private final AtomicIntegerArray clients;

  /**
   * Starts workers.
   *
   * @param workers how many, at least 1
   * @param clientsTogether clients that one worker gets before the next one does
   * @param ioHandlers how they wait for the kernel
   * @param allocator where their buffers come from
   * @param memoryLimit bytes of buffers above which no new work is taken
   */
  public WorkerGroup(
      int workers,
      int clientsTogether,
      IoHandlerFactory ioHandlers,
      PooledByteBufAllocator allocator,
      long memoryLimit) {
    this(workers, clientsTogether, ioHandlers, allocator, memoryLimit, Ticker.systemTicker());
  }

  /**
   * Starts workers whose time is {@code ticker}'s: that of every time-out and of all that they do
   * later. Tests move it themselves.
   */
  public WorkerGroup(
      int workers,
      int clientsTogether,
      IoHandlerFactory ioHandlers,
      PooledByteBufAllocator allocator,
      long memoryLimit,
      Ticker ticker) {
    super(
        workers,
        new ThreadPerTaskExecutor(new DefaultThreadFactory("loop")),
        ioHandlers,
        new AtomicInteger(),
        allocator,
        new MemoryLimit(allocator, memoryLimit),
        ticker);
    this.allocator = allocator;
    this.clientsTogether = clientsTogether;
    clients = new AtomicIntegerArray(workers);
    for (EventExecutor loop : this) {
      ((WorkerLoop) loop).start();
    }
  }

  @Override
  protected IoEventLoop newChild(
      Executor executor, IoHandlerFactory ioHandlerFactory, Object... args) {
    // Called by the constructor of the superclass, before this object has any field of its own.
    AtomicInteger nextIndex = (AtomicInteger) args[0];
    ByteBufAllocator allocator = (ByteBufAllocator) args[1];
    MemoryLimit memory = (MemoryLimit) args[2];
    Ticker ticker = (Ticker) args[3];
    return new WorkerLoop(
        this, executor, ioHandlerFactory, nextIndex.getAndIncrement(), allocator, memory, ticker);
  }

  /**
   * Gives a channel to a worker: a listener to the first, a client to that which has fewest, where
   * up to {@code clientsTogether} more count as none.
   */
  @Override
  public ChannelFuture register(Channel channel) {
    List<Worker> workers = workers();
    int chosen = 0;
    if (!(channel instanceof ServerChannel)) {
      for (int i = 1; i < workers.size(); i++) {
        if (clients.get(i) / clientsTogether < clients.get(chosen) / clientsTogether) {
          chosen = i;
        }
      }
      int index = chosen;
      clients.incrementAndGet(index);
      channel.closeFuture().addListener(closed -> clients.decrementAndGet(index));
    }
    return workers.get(chosen).eventLoop().register(channel);
  }

  /** Bytes of buffers in use now, which the memory limit is about. Any thread may ask. */
  public long memoryBytes() {
    return allocator.pinnedDirectMemory();
  }

  /** The workers, in the order of their index. */
  public List<Worker> workers() {
    List<Worker> workers = new ArrayList<>();
    for (EventExecutor loop : this) {
      workers.add(((WorkerLoop) loop).worker());
    }
    return workers;
  }
}
