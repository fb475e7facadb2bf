package io.cashew.proxy.control;

import io.cashew.proxy.client.pool.Listener;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All pools of a proxy on their way to another configuration. What can be refused comes first
 * ({@link #stage}): certificates are read, names are looked up, listeners are opened beside those
 * that there are. The rest cannot fail. Used once, by the thread that reloads; {@link Retirements}
 * look after what remains to be drained.
 */
final class ProxyChange {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyChange.class);

  /** Makes a pool that does not listen yet. */
  interface PoolMaker {
    Pool make(PoolSettings settings) throws IOException;
  }

  private final PoolMaker maker;
  private final WorkerGroup workers;
  private final Sockets sockets;
  private final ScheduledExecutorService control;
  private final Retirements retirements;
  private final List<Pool> pools;
  private final List<PoolReload> changes = new ArrayList<>();
  private final List<Pool> added = new ArrayList<>();
  private final List<Pool> removed = new ArrayList<>();

  /** All pools that there are then, in the order of the configuration. */
  private final List<Pool> after = new ArrayList<>();

  /** Listeners that pools get, and those of them that were opened for it. */
  private final Map<Pool, Listener> listeners = new HashMap<>();

  private final List<Listener> opened = new ArrayList<>();

  /**
   * Begins nothing.
   *
   * @param control the control thread
   * @param retirements look after what is no longer used
   * @param pools of the proxy; changed with what this does
   */
  ProxyChange(
      PoolMaker maker,
      WorkerGroup workers,
      Sockets sockets,
      ScheduledExecutorService control,
      Retirements retirements,
      List<Pool> pools) {
    this.control = control;
    this.maker = maker;
    this.workers = workers;
    this.sockets = sockets;
    this.retirements = retirements;
    this.pools = pools;
  }

  /**
   * Makes everything that may fail.
   *
   * @param next the configuration that there is then
   * @throws IOException if anything fails: nothing has changed
   */
  void stage(ReloadPlan plan, Settings next) throws IOException {
    try {
      for (PoolPlan poolPlan : plan.pools()) {
        Pool running = named(poolPlan.name());
        if (poolPlan.after().isEmpty()) {
          if (running != null) {
            removed.add(running);
          }
          continue;
        }
        PoolSettings settings = named(next, poolPlan.name());
        if (running != null && running.settings().hasRoutes() != settings.hasRoutes()) {
          throw new IOException(
              "pool '"
                  + settings.name()
                  + "' has "
                  + (settings.hasRoutes() ? "routes instead of nodes" : "nodes instead of routes")
                  + " now: that takes a restart, or another name for the pool");
        }
        if (running == null) {
          Pool made = maker.make(settings);
          added.add(made);
          after.add(made);
          stageListener(made, settings);
          continue;
        }
        after.add(running);
        if (!running.settings().equals(settings) || !running.moved().isEmpty()) {
          changes.add(PoolReload.stage(running, poolPlan, settings));
          if (!Listening.isSame(running.settings().listen(), settings.listen())) {
            stageListener(running, settings);
          } else {
            UnixSocketFile.after(settings.listen());
          }
        }
      }
    } catch (IOException | RuntimeException refused) {
      takeBack();
      throw refused;
    }
  }

  private @Nullable Pool named(String name) {
    for (Pool pool : pools) {
      if (pool.settings().name().equals(name)) {
        return pool;
      }
    }
    return null;
  }

  private static PoolSettings named(Settings settings, String name) {
    return settings.pools().stream()
        .filter(pool -> pool.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** A listener of another pool, which goes or listens elsewhere then, is handed on. */
  private void stageListener(Pool pool, PoolSettings settings) throws IOException {
    if (!settings.listens()) {
      return;
    }
    for (Pool other : pools) {
      Listener its = other.listener();
      if (its != null && Listening.isSame(other.settings().listen(), settings.listen())) {
        listeners.put(pool, its);
        UnixSocketFile.after(settings.listen());
        return;
      }
    }
    Listener listener = Listening.open(settings, workers, sockets);
    opened.add(listener);
    listeners.put(pool, listener);
  }

  /** Gives up everything that {@link #stage} has made. */
  void takeBack() {
    opened.forEach(Listener::close);
    changes.forEach(PoolReload::takeBack);
    for (Pool pool : added) {
      pool.unpublish();
      pool.close();
      pool.closeTls();
    }
  }

  /**
   * Goes over to the new configuration; waits until every worker has.
   *
   * @param drainMillis how long what is under way on pools that go may take
   * @return done when nothing of a pool that stays is left that is no longer used
   * @throws IOException if the proxy stops meanwhile
   */
  CompletableFuture<?> carryOut(long drainMillis) throws IOException {
    List<Following> followings = changes.stream().map(PoolReload::carryOut).toList();
    await(followings);
    pools.addAll(added);
    List<Listener> before = pools.stream().map(Pool::listener).toList();
    Fronts.connect(after);
    removed.forEach(Pool::withoutListener);
    after.stream().filter(pool -> !pool.settings().listens()).forEach(Pool::withoutListener);
    listeners.forEach((pool, listener) -> pool.listen(listener));
    List<Listener> inUse = after.stream().map(Pool::listener).toList();
    for (Listener listener : before) {
      if (listener != null && !inUse.contains(listener)) {
        listener.close();
      }
    }
    pools.removeAll(removed);
    for (Pool pool : removed) {
      pool.unpublish();
      pool.drain(0);
      LOG.info(
          "pool '{}' is removed: its clients are closed when they have their replies",
          pool.settings().name());
    }
    for (Pool pool : removed) {
      retirements.add(
          drainMillis,
          new RemovedPool(pool, control),
          () -> {
            pool.close();
            pool.closeTls();
          });
    }
    return CompletableFuture.allOf(
        followings.stream().map(Following::ended).toArray(CompletableFuture<?>[]::new));
  }

  private static void await(List<Following> followings) throws IOException {
    try {
      for (Following each : followings) {
        each.installed().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the configuration was taken over", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(String.valueOf(cause == null ? e : cause.getMessage()), e);
    }
  }
}
