package io.cashew.proxy.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The workers of a process. */
public final class WorkerGroup extends MultiThreadIoEventLoopGroup {
  private final PooledByteBufAllocator allocator;

  /**
   * Starts workers.
   *
   * @param workers how many, at least 1
   * @param ioHandlers how they wait for the kernel
   * @param allocator where their buffers come from
   * @param memoryLimit bytes of buffers above which no new work is taken
   */
  public WorkerGroup(
      int workers,
      IoHandlerFactory ioHandlers,
      PooledByteBufAllocator allocator,
      long memoryLimit) {
    super(
        workers,
        new ThreadPerTaskExecutor(new DefaultThreadFactory("loop")),
        ioHandlers,
        new AtomicInteger(),
        allocator,
        new MemoryLimit(allocator, memoryLimit));
    this.allocator = allocator;
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
    return new WorkerLoop(
        this, executor, ioHandlerFactory, nextIndex.getAndIncrement(), allocator, memory);
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
