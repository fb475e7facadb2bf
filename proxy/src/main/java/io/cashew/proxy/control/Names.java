package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How names of nodes are looked up, and who hears that one has moved. A proxy has one; any thread
 * uses it.
 *
 * @param lookup finds addresses
 * @param threads {@code resolver}: a few, so that a name whose server is dead does not delay the
 *     others; none while nothing is looked up
 * @param moved runs on one of them when a name has another address than its node was made with
 * @param choices which of its addresses is used, of each name with its port
 */
record Names(
    NameLookup lookup,
    ThreadPoolExecutor threads,
    Runnable moved,
    Map<String, AddressChoice> choices) {
  private static final Logger LOG = LoggerFactory.getLogger(Names.class);
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 10;

  static Names of(NameLookup lookup, Runnable moved) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("resolver", true));
    threads.allowCoreThreadTimeOut(true);
    return new Names(lookup, threads, moved, new ConcurrentHashMap<>());
  }

  /** Which of its addresses a name with a port uses. */
  AddressChoice choice(String text) {
    return choices.computeIfAbsent(text, unknown -> new AddressChoice());
  }

  /** A name has been looked up; says so if it has become one of several servers. */
  void found(Address.Tcp address, AddressChoice choice, InetAddress[] addresses) {
    if (choice.found(List.of(addresses))) {
      tell(address, choice);
    }
  }

  private static void tell(Address.Tcp address, AddressChoice choice) {
    List<InetAddress> addresses = choice.addresses();
    if (AddressChoice.isSeveral(addresses)) {
      LOG.warn(
          "{} has {} addresses: {}. One of them is used at a time, by all connections of a node; if"
              + " these are several servers, give each a name of its own, or write a primary and"
              + " its replicas as addresses = [ … ]",
          address.text(),
          addresses.size(),
          String.join(", ", addresses.stream().map(InetAddress::getHostAddress).toList()));
    } else {
      LOG.info("{} has one address", address.text());
    }
  }

  /** Names that stand for several servers are told of once more when they are next looked up. */
  void tellAgain() {
    choices.values().forEach(AddressChoice::forget);
  }

  /**
   * Looks a name up once, for a server that is no node.
   *
   * @param found hears an address of it, on any thread; null: it has none
   */
  void find(String host, int port, Consumer<@Nullable SocketAddress> found) {
    try {
      threads.execute(
          () -> {
            SocketAddress address = null;
            try {
              address = new InetSocketAddress(addressOf(host, port), port);
            } catch (UnknownHostException unknown) {
              LOG.debug("{} has no address: {}", host, unknown.getMessage());
            }
            found.accept(address);
          });
    } catch (RejectedExecutionException stopping) {
      found.accept(null);
    }
  }

  /** That which the nodes of the name use, if there are any. */
  private InetAddress addressOf(String host, int port) throws UnknownHostException {
    Address.Tcp name = new Address.Tcp(host, port);
    AddressChoice choice = choice(name.text());
    found(name, choice, lookup.addressesOf(host));
    return choice.choose(null, true, System.nanoTime());
  }

  /**
   * Waits until the look-ups of some addresses that were asked for so far have ended. Never on an
   * event loop.
   *
   * @return whether all have, before the time has passed or somebody has interrupted
   */
  static boolean await(List<NodeAddress> addresses, long seconds) {
    CountDownLatch missing = new CountDownLatch(addresses.size());
    addresses.forEach(address -> address.whenLookedUp(missing::countDown));
    try {
      return missing.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
