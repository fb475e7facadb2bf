package io.cashew.proxy.testing;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * A worker without a kernel and without a clock: its channels are in memory, and its time stands
 * still until a test moves it. With {@link InMemoryServer} a backend is three lines:
 *
 * <pre>{@code
 * VirtualWorker worker = new VirtualWorker();
 * InMemoryServer server = new InMemoryServer(worker);
 * Backend backend = worker.backend(server);
 * }</pre>
 */
public final class VirtualWorker implements AutoCloseable {
  /** No time-out, one connection, no handshake. */
  public static final BackendSettings SETTINGS =
      new BackendSettings(0, 1, 16 << 20, 512L << 20, List.of(), new Keepalive(0), false, 16, 16);

  /** As {@link #SETTINGS}, with a time-out. */
  public static BackendSettings settings(long timeoutMillis) {
    return new BackendSettings(
        timeoutMillis, 1, 16 << 20, 512L << 20, List.of(), new Keepalive(0), false, 16, 16);
  }

  private static final long TICK_MILLIS = 20;

  /** Rounds of the loop in which nothing happens after which nothing will. */
  private static final int QUIET_ROUNDS = 3;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final WorkerGroup group;
  private final Worker worker;

  /** A worker that has begun. */
  public VirtualWorker() {
    this(Long.MAX_VALUE);
  }

  /** As above, and all buffers should hold no more than {@code memoryLimit} bytes. */
  public VirtualWorker(long memoryLimit) {
    ticker.advance(System.nanoTime(), TimeUnit.NANOSECONDS); // some objects look at that clock
    group =
        new WorkerGroup(
            1, 1, LocalIoHandler.newFactory(), PooledByteBufAllocator.DEFAULT, memoryLimit, ticker);
    worker = group.workers().get(0);
    advance(TICK_MILLIS); // the clock of time-outs begins with the first tick
  }

  /** The worker, for {@link #on} its thread. */
  public Worker worker() {
    return worker;
  }

  /** Runs {@code task} on the worker's thread, and what follows from it. */
  public <T> T on(Callable<T> task) {
    T result = worker.eventLoop().submit(task).syncUninterruptibly().getNow();
    settle();
    return result;
  }

  /** Runs {@code task} on the worker's thread, and what follows from it. */
  public void run(Runnable task) {
    worker.eventLoop().submit(task).syncUninterruptibly();
    settle();
  }

  /** Lets the worker's time pass, tick by tick, and what it brings happen. */
  public void advance(long millis) {
    for (long left = millis; left > 0; left -= TICK_MILLIS) {
      ticker.advanceMillis(Math.min(left, TICK_MILLIS));
      settle();
    }
  }

  /** Returns when nothing is left to do before time passes. */
  public void settle() {
    SingleThreadIoEventLoop loop = (SingleThreadIoEventLoop) worker.eventLoop();
    int quiet = 0;
    while (quiet < QUIET_ROUNDS) {
      // Between the end of an iteration's tasks and the next task, batches are written.
      Promise<Void> tasksDone = GlobalEventExecutor.INSTANCE.newPromise();
      loop.executeAfterEventLoopIteration(() -> tasksDone.setSuccess(null));
      tasksDone.syncUninterruptibly();
      boolean idle = loop.submit(() -> loop.pendingTasks() == 0).syncUninterruptibly().getNow();
      quiet = idle ? quiet + 1 : 0;
    }
  }

  /** A backend of a server, which hears the ticks. */
  public Backend backend(InMemoryServer server) {
    return backend(server, SETTINGS);
  }

  /** As above, with settings of its own. */
  public Backend backend(InMemoryServer server, BackendSettings settings) {
    return backend(
        new Node("test", server.name(), server.address(), 3, (failed, cause) -> {}), settings);
  }

  /** A backend of a node, which hears the ticks. */
  public Backend backend(Node node, BackendSettings settings) {
    Backend backend = unheard(node, settings);
    listen(backend);
    return backend;
  }

  /** A backend of a node, which does not hear the ticks yet. */
  public Backend unheard(Node node) {
    return unheard(node, SETTINGS);
  }

  private Backend unheard(Node node, BackendSettings settings) {
    return new Backend(
        worker, node, settings, new NodeRecorder(), sockets(), Descriptors.unlimited());
  }

  /** Has {@code listener} hear the ticks. */
  public void listen(TickListener listener) {
    run(() -> worker.addTickListener(listener));
  }

  /** Channels in memory. */
  public static Sockets sockets() {
    return new Sockets(
        "memory",
        LocalIoHandler.newFactory(),
        LocalChannel::new,
        LocalServerChannel::new,
        LocalChannel::new,
        LocalServerChannel::new,
        LocalAddress::new);
  }

  @Override
  public void close() {
    Future<?> ended = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    while (!ended.awaitUninterruptibly(1)) {
      ticker.advanceMillis(TICK_MILLIS); // the loop's own deadlines are in its own time
    }
  }
}
