package io.cashew.proxy.process;

import io.cashew.proxy.admin.AdminSockets;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.loop.Sockets;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of handing listeners over depends on the settings and the transport. */
final class TakeOverSockets {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOverSockets.class);

  private TakeOverSockets() {}

  /**
   * Where listeners are handed over; empty: nowhere.
   *
   * @param wanted whether this process is to take some over
   * @throws IOException if it is, and that is not possible; the message says what to do
   */
  static Optional<Path> path(Settings settings, Sockets sockets, boolean wanted)
      throws IOException {
    if (sockets.adopting() == null) {
      if (wanted) {
        throw new IOException(
            "--take-over needs the epoll transport, and this is "
                + sockets.name()
                + ": write transport = epoll, or stop the process that serves and start this one");
      }
      return Optional.empty();
    }
    try {
      Optional<Path> path = TakeOverPath.of(settings, System.getenv());
      if (wanted && path.isEmpty()) {
        throw new IOException(
            "--take-over needs a socket, and take-over.socket is off: write auto or a path");
      }
      return path;
    } catch (IOException | RuntimeException e) {
      if (wanted) {
        throw e;
      }
      LOG.warn("the listeners cannot be taken over from this process: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** The listeners of the process that serves now; null: there is none. */
  static @Nullable TakeOver former(Optional<Path> socket, Settings settings) throws IOException {
    Set<String> wanted = new HashSet<>();
    settings.pools().stream()
        .filter(PoolSettings::listens)
        .forEach(pool -> wanted.add(pool.listen().text()));
    settings.admin().listen().map(Address::text).ifPresent(wanted::add);
    return socket.isEmpty() ? null : TakeOver.from(socket.get(), wanted);
  }

  /**
   * Hands listeners over from now on. A process that cannot serves all the same.
   *
   * @return ends it
   */
  static Runnable handOver(
      Optional<Path> socket,
      Supplier<Map<String, FileDescriptor>> listeners,
      Supplier<List<KeptOut>> keptOut,
      Consumer<Set<String>> taken) {
    if (socket.isEmpty()) {
      return () -> {};
    }
    try {
      return new HandOver(socket.get(), listeners, keptOut, taken)::close;
    } catch (IOException e) {
      LOG.warn("the listeners cannot be taken over from this process: {}", e.getMessage());
      return () -> {};
    }
  }

  /**
   * Accepts clients from now on. Before that, keeps nodes out that an operator has taken out at the
   * former process: no request goes there.
   */
  static void serve(Proxy proxy, @Nullable TakeOver former) {
    for (KeptOut each : former == null ? List.<KeptOut>of() : former.keptOut()) {
      boolean isThere =
          proxy
              .operations()
              .keepOut(each.pool(), each.node(), each.out())
              .toCompletableFuture()
              .join();
      LOG.info(
          "node {}/{} {} ({} by {})",
          each.pool(),
          each.node(),
          isThere ? "stays out for maintenance" : "was out for maintenance, and is no more",
          each.out().how(),
          each.out().by());
    }
    proxy.serve();
  }

  /** The admin server's: of a kind that can be handed over, where there is one. */
  static AdminSockets admin(
      Sockets sockets, InetSocketAddress address, Address configured, @Nullable TakeOver former) {
    Sockets.Adopting adopting = sockets.adopting();
    if (adopting == null) {
      return AdminSockets.NIO;
    }
    OptionalInt descriptor = former == null ? OptionalInt.empty() : former.descriptor(configured);
    return descriptor.isPresent()
        ? new AdminSockets(
            sockets.ioHandlers(), () -> adopting.listening(address, descriptor.getAsInt()), true)
        : new AdminSockets(sockets.ioHandlers(), () -> sockets.tcpServer().newChannel(), false);
  }
}
