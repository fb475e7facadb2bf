package io.cashew.proxy.control;

import io.cashew.proxy.asking.Access;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.TestProxy;
import io.cashew.proxy.topology.Asking;
import io.cashew.proxy.topology.PrimaryWatch;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** A watch of a primary that runs, and all that it has found so far. */
final class WatchedPrimary implements AutoCloseable {
  private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, TestProxy.bestSockets().ioHandlers());
  private final List<PrimaryWatch.Found> found = new CopyOnWriteArrayList<>();
  private final PrimaryWatch watch;
  private volatile List<String> replicas = List.of();
  private volatile boolean beingReplaced;

  WatchedPrimary(BiFunction<Asking, ScheduledExecutorService, PrimaryWatch> maker) {
    Access access =
        new Access(
            TestProxy.bestSockets(), (host, port, to) -> to.accept(null), null, List.of(), 1000);
    Asking asking = new ControlledAsking(List.of((EventLoop) loops.next()), access, control);
    watch = maker.apply(asking, control);
    onControl(() -> watch.start(this::hear));
  }

  private void hear(PrimaryWatch.Found now) {
    replicas = now.replicas();
    beingReplaced = now.isBeingReplaced();
    PrimaryWatch.Found alone = new PrimaryWatch.Found(now.primary(), List.of(), now.why(), false);
    if (found.isEmpty() || !found.get(found.size() - 1).equals(alone)) {
      found.add(alone);
    }
  }

  /** Runs a task on the control thread, to its end. */
  void onControl(Runnable task) {
    try {
      control.submit(task).get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  PrimaryWatch watch() {
    return watch;
  }

  /** The replicas that were found last. */
  List<String> replicas() {
    return replicas;
  }

  /** Whether another server is about to take over from the primary that was found last. */
  boolean isBeingReplaced() {
    return beingReplaced;
  }

  /** All primaries that were found, without replicas, the first first. */
  List<PrimaryWatch.Found> found() {
    return new ArrayList<>(found);
  }

  /** Waits until this is the last that was found. */
  void await(PrimaryWatch.Found last) {
    Await.until(
        () -> last + " is found: " + found,
        () -> !found.isEmpty() && found.get(found.size() - 1).equals(last));
  }

  @Override
  public void close() {
    onControl(watch::close);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    control.shutdownNow();
  }
}
