package io.cashew.proxy.control;

import io.cashew.proxy.asking.Access;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.SentinelSettings;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.SentinelState;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.topology.Asking;
import io.cashew.proxy.topology.ControlThread;
import io.cashew.proxy.topology.KnownSentinel;
import io.cashew.proxy.topology.Sentinels;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is asked on behalf of sources: servers, and the Sentinels, which pools with equal settings
 * share. Confined to the control thread, but for {@link #known} and {@link #publish}.
 */
final class SentinelGroups {
  private static final Logger LOG = LoggerFactory.getLogger(SentinelGroups.class);

  /** For each connection and each answer: who takes longer is as good as away. */
  private static final long TIMEOUT_MILLIS = 1000;

  private final List<EventLoop> loops;
  private final Sockets sockets;
  private final Names names;
  private final ScheduledExecutorService control;
  private final Map<SentinelSettings, Sentinels> groups = new ConcurrentHashMap<>();
  private final Map<SentinelSettings, WatchedTls> tls = new HashMap<>();

  SentinelGroups(
      WorkerGroup workers, Sockets sockets, Names names, ScheduledExecutorService control) {
    loops = workers.workers().stream().map(worker -> worker.eventLoop()).toList();
    this.sockets = sockets;
    this.names = names;
    this.control = control;
  }

  /** Those of the settings; they connect when somebody wants to know something. */
  Sentinels of(SentinelSettings settings) {
    assert ControlThread.isHere(control);
    return groups.computeIfAbsent(settings, this::make);
  }

  /** Those that a pool's nodes need, as they are now; from any thread. */
  List<KnownSentinel> known(PoolSettings pool) {
    if (pool.nodes().stream().noneMatch(node -> node.place() instanceof NodePlace.OfMaster)) {
      return List.of();
    }
    Sentinels its = groups.get(pool.sentinel());
    return its == null ? List.of() : its.known();
  }

  /** Publishes how many a pool's nodes need and how many of these answer. */
  void publish(Supplier<PoolSettings> pool, MetricsRegistry metrics) {
    metrics.addSentinels(
        pool.get().name(),
        new SentinelState(
            () -> known(pool.get()).size(),
            () -> known(pool.get()).stream().filter(KnownSentinel::reachable).count()));
  }

  private Sentinels make(SentinelSettings settings) {
    Asking asking;
    try {
      WatchedTls secure =
          settings.tls().isEmpty() ? null : WatchedTls.forSentinels(settings.tls().get());
      if (secure != null) {
        tls.put(settings, secure);
      }
      asking =
          asking(
              settings.username(),
              settings.password().map(Secret::value),
              secure,
              settings.tls().flatMap(NodeTls::serverName));
    } catch (IOException wrong) {
      LOG.error("the Sentinels cannot be asked: {}", wrong.getMessage());
      asking = new NoAsking(control, String.valueOf(wrong.getMessage()));
    }
    return new Sentinels(
        settings.addresses().stream().map(Address::text).toList(), asking, control);
  }

  /**
   * Asks with a login, encrypted.
   *
   * @param serverName that certificates must have; empty: the host of each
   */
  Asking asking(
      Optional<String> username,
      Optional<String> password,
      @Nullable WatchedTls encrypted,
      Optional<String> serverName) {
    Access access =
        new Access(
            sockets,
            names::find,
            encrypted == null
                ? null
                : (allocator, host, port) ->
                    encrypted.connecting(allocator, serverName.orElse(host), port),
            Access.login(username, password),
            TIMEOUT_MILLIS);
    return new ControlledAsking(loops, access, control);
  }

  /**
   * Looks whether certificates have changed, and gives up what nobody needs; called now and then.
   */
  void look() {
    for (SentinelSettings settings : List.copyOf(groups.keySet())) {
      Sentinels its = groups.get(settings);
      if (its != null && its.isUnused()) {
        groups.remove(settings);
        WatchedTls former = tls.remove(settings);
        if (former != null) {
          former.close();
        }
      }
    }
    tls.values().forEach(WatchedTls::look);
  }

  /** Has no connection: what they need cannot be had. */
  private record NoAsking(ScheduledExecutorService control, String why) implements Asking {
    @Override
    public Connection connect(String address, Listener listener) {
      control.execute(() -> listener.closed(why));
      return new Connection() {
        @Override
        public void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {}

        @Override
        public void close() {}
      };
    }
  }
}
