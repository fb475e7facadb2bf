package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.topology.ControlThread;
import io.cashew.proxy.topology.RoleReply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers of names that refuse writes: the name may stand for another one by now, so it is looked
 * up. The server is asked what it is, since an error may be a script's own; until it has said so
 * what may write waits, or a client that writes at once would be refused again. While it is a
 * replica it is asked again and again, the name is looked up each time, and what may write waits
 * for that; if the name has several addresses, the node goes on to the next. Confined to the
 * control thread, but for {@link #refuses}.
 */
final class ReadOnlyServers {
  private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyServers.class);

  /** Between two look-ups, and two questions, however often a server refuses. */
  private static final long LEAST_MILLIS = 100;

  /** A replica that has refused nothing for as long as requests wait, and this, is let alone. */
  private static final long QUIET_MILLIS = 1000;

  private final ScheduledExecutorService control;
  private final ServerWatch.Asker asker;
  private final LongSupplier failoverWaitMillis;

  /** Those that are asked, each with when it refused a request last. */
  private final Map<Node, Long> refusedNanos = new HashMap<>();

  /** The same nodes, for any thread, and those of which it is about to be told. */
  private final Set<Node> asked = ConcurrentHashMap.newKeySet();

  /**
   * No server has refused anything.
   *
   * @param failoverWaitMillis how long a request waits for another server
   */
  ReadOnlyServers(
      ScheduledExecutorService control, ServerWatch.Asker asker, LongSupplier failoverWaitMillis) {
    this.control = control;
    this.asker = asker;
    this.failoverWaitMillis = failoverWaitMillis;
  }

  /**
   * A node's server has just refused a request that a primary takes; {@link #refused} follows. On
   * the thread of any worker.
   */
  void refuses(Node node) {
    if (node.address().mayMove() && node.failoverWaitMillis() == 0 && asked.add(node)) {
      node.writesWaitMillis(failoverWaitMillis.getAsLong());
    }
  }

  /** A node's server has refused a request that a primary takes. */
  void refused(Node node) {
    assert ControlThread.isHere(control);
    boolean asks = node.address().mayMove() && refusedNanos.put(node, System.nanoTime()) == null;
    asked.add(node);
    if (asks) {
      look(node);
    } else {
      lookUp(node);
    }
  }

  private static void lookUp(Node node) {
    node.address().refreshSoon(System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(LEAST_MILLIS));
  }

  private void look(Node node) {
    lookUp(node);
    asker.ask(
        node, List.of(RoleReply.REQUEST), replies -> onControl(() -> isKnown(node, role(replies))));
  }

  private void onControl(Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is asked: the proxy is stopping");
    }
  }

  private static @Nullable RoleReply role(@Nullable List<byte[]> replies) {
    return replies == null ? null : RoleReply.of(ServerReplies.value(replies.get(0)));
  }

  /** The server has said what it is; null: it has not. */
  private void isKnown(Node node, @Nullable RoleReply role) {
    NodeAddress address = node.address();
    boolean hasMoved = address.moved();
    boolean isReplica = role instanceof RoleReply.Replica && !hasMoved;
    if (isReplica && address.hasOthers()) {
      address.doesNotServe();
    }
    // Another node takes the place of one that has moved, and its server takes what waits: let go
    // before, it would come to the former server once more.
    boolean goesOn = hasMoved ? node.writesWaitMillis() > 0 : isReplica;
    // Nodes that others look for primaries of wait in a way of their own.
    node.writesWaitMillis(
        goesOn && node.failoverWaitMillis() == 0 ? failoverWaitMillis.getAsLong() : 0);
    if (goesOn && !isQuiet(node)) {
      var unused = control.schedule(() -> look(node), LEAST_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      node.writesWaitMillis(0);
      var unused = control.schedule(() -> isLetAlone(node), LEAST_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void isLetAlone(Node node) {
    refusedNanos.remove(node);
    asked.remove(node); // the next refusal comes behind this, and has it asked again
  }

  private boolean isQuiet(Node node) {
    Long last = refusedNanos.get(node);
    long quietMillis = failoverWaitMillis.getAsLong() + QUIET_MILLIS;
    return last == null || System.nanoTime() - last > TimeUnit.MILLISECONDS.toNanos(quietMillis);
  }
}
