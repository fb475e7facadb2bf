package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.MeetingAddresses;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.TracingSettings;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.tracing.TraceTarget;
import io.cashew.proxy.tracing.Tracing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes other configurations of a proxy over, one at a time, and has names of nodes followed that
 * have moved. A reload waits, on the thread that asks for it; all else may be called from any
 * thread.
 */
final class ProxyReloads {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyReloads.class);

  /** A reload does not wait any longer for name servers. */
  private static final long LOOK_UP_SECONDS = 2;

  private final List<Pool> pools;
  private final ProxyChange.PoolMaker maker;
  private final WorkerGroup workers;
  private final Sockets sockets;
  private final ScheduledExecutorService control;
  private final Retirements retirements;
  private final BooleanSupplier ready;
  private final String version;
  private final Tracing tracing = new Tracing(new TraceCounts());

  /** Held by whoever changes which pools there are. */
  private final ReentrantLock changing = new ReentrantLock();

  /** Over when there is something to change, or nothing will be changed any more. */
  private final CountDownLatch begin = new CountDownLatch(1);

  private CompletableFuture<?> formerChange = CompletableFuture.completedFuture(null);
  private volatile boolean stopping;
  private volatile Settings settings;

  /** Of the configuration that runs, or is being taken over. */
  private volatile long drainMillis;

  /** A reload looks names up, and follows those that have moved. */
  private volatile boolean looking;

  /**
   * Changes nothing yet.
   *
   * @param first what runs
   * @param version of the program
   * @param pools of the proxy; changed by a reload
   * @param ready whether the proxy serves, and does not stop
   */
  ProxyReloads(
      Settings first,
      String version,
      List<Pool> pools,
      ProxyChange.PoolMaker maker,
      WorkerGroup workers,
      Sockets sockets,
      ScheduledExecutorService control,
      Retirements retirements,
      BooleanSupplier ready) {
    settings = first;
    drainMillis = first.drain().timeoutMillis();
    this.pools = pools;
    this.maker = maker;
    this.workers = workers;
    this.sockets = sockets;
    this.control = control;
    this.retirements = retirements;
    this.ready = ready;
    this.version = version;
    tracing.follow(target(first.tracing()));
  }

  /** By now names can be looked up, by which a node may be its own pool. */
  static void refuseCircles(Settings of) throws IOException {
    List<String> selves = MeetingAddresses.selves(of);
    if (!selves.isEmpty()) {
      throw new IOException(String.join("\n", selves));
    }
    MeetingAddresses.circles(of).forEach(LOG::warn);
  }

  /** Where requests go that become spans; whoever stops the proxy closes it. */
  Tracing tracing() {
    return tracing;
  }

  private @Nullable TraceTarget target(TracingSettings of) {
    Map<String, String> headers =
        of.headers().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().value()));
    return of.endpoint()
        .map(
            endpoint ->
                new TraceTarget(
                    endpoint,
                    headers,
                    Duration.ofMillis(of.timeoutMillis()),
                    of.serviceName(),
                    version,
                    of.sample(),
                    of.slowerThanMillis() == InsightSettings.OFF
                        ? Long.MAX_VALUE
                        : TimeUnit.MILLISECONDS.toNanos(of.slowerThanMillis()),
                    of.keys()))
        .orElse(null);
  }

  /** What runs. */
  Settings settings() {
    return settings;
  }

  /** How long what is under way on what is no longer used may take. */
  long drainMillis() {
    return drainMillis;
  }

  /** Does something to the pools before any reload. */
  void first(Runnable task) {
    changing.lock();
    try {
      task.run();
    } finally {
      changing.unlock();
    }
    begin.countDown();
  }

  /** The proxy stops: a reload that waits for its start is refused. */
  void stop() {
    stopping = true;
    begin.countDown();
  }

  /** Waits for the end of a reload that is under way. @return whether it has come in time */
  boolean awaitEnd(long seconds) {
    try {
      if (changing.tryLock(seconds, TimeUnit.SECONDS)) {
        changing.unlock();
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** See {@link Proxy#reload}. */
  ReloadPlan reload(Settings wanted, Descriptors descriptors) throws IOException {
    awaitBegin();
    changing.lock();
    try {
      awaitEndOfFormerChange();
      looking = true;
      lookUpNames();
      return change(wanted, descriptors);
    } finally {
      looking = false;
      changing.unlock();
      nameMoved(); // if one has since the reload looked
    }
  }

  /** Whoever can ask before the proxy serves is not told that it stops. */
  private void awaitBegin() throws IOException {
    try {
      begin.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before the proxy was ready", e);
    }
    if (stopping) {
      throw new IOException("the proxy is stopping");
    }
  }

  private ReloadPlan change(Settings wanted, Descriptors descriptors) throws IOException {
    ReloadPlan plan = ReloadPlan.of(settings, wanted).andMoved(moved());
    Settings next = plan.takenOver();
    ProxyChange change = new ProxyChange(maker, workers, sockets, control, retirements, pools);
    change.stage(plan, next);
    if (!ready.getAsBoolean()) {
      change.takeBack();
      throw new IOException("the proxy is stopping");
    }
    descriptors.setAside(FileDescriptors.setAside(next) - FileDescriptors.setAside(settings));
    drainMillis = next.drain().timeoutMillis();
    formerChange = change.carryOut(drainMillis);
    tracing.follow(target(next.tracing()));
    settings = next;
    return plan;
  }

  /** What runs, and what drains since the former reload, is all that a proxy has at one time. */
  private void awaitEndOfFormerChange() {
    try {
      formerChange.get(settings.drain().timeoutMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the former change of the configuration has not come to its end: {}", e.toString());
    }
  }

  /** See {@link Proxy#lookUpNames}. */
  void lookUpNames() {
    List<NodeAddress> addresses =
        pools.stream()
            .flatMap(pool -> pool.state().nodes().stream())
            .map(placed -> placed.node().address())
            .toList();
    addresses.forEach(NodeAddress::refresh);
    if (!Names.await(addresses, LOOK_UP_SECONDS)) {
      LOG.warn("no name server has answered for {} s: nodes stay", LOOK_UP_SECONDS);
    }
  }

  /** Nodes whose names have moved, a line each. */
  private List<String> moved() {
    return pools.stream()
        .flatMap(pool -> pool.moved().stream().map(each -> each.movedText(pool.settings().name())))
        .toList();
  }

  /** The name of a node has another address. */
  void nameMoved() {
    try {
      control.execute(
          () -> {
            if (!looking) {
              pools.forEach(pool -> pool.changes().followMoved());
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("what has moved is not followed: the proxy is stopping");
    }
  }
}
