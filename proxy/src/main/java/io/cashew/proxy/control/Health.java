package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.Ejection.Condition;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes of a pool answer: hears of circuits that open, probes those nodes, and closes the
 * circuits again. Confined to the control thread, but for {@link #circuitOpened}, and for {@link
 * #follow} before the start.
 *
 * <p>A node whose circuit has opened is probed after 50 ms, then after as long as it has been away,
 * with jitter, up to half of {@code retry-after}: soon enough to notice a blip, slow enough for a
 * node that has fallen. When all nodes are down at one time, each is awaited until one has been
 * back for {@code retry-after}.
 */
final class Health implements Node.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Health.class);

  private static final long FIRST_PROBE_MILLIS = 50;

  /** Gets the answer to a probe, on any thread. */
  interface ProbeResult {
    /** Null if the node may have requests. */
    void done(@Nullable NodeFailure failure);
  }

  /** Probes a node, somewhere else. */
  interface Prober {
    void probe(Node node, ProbeResult result);
  }

  /** A node and what is published of it. */
  record Placed(Node node, NodeState state) {}

  /** What is known of one node. */
  private static final class Entry {
    final Node node;
    final NodeState state;
    boolean open;

    /** More than the end of a connection says that it is down. */
    boolean confirmed;

    boolean fellWithAll;
    long pauseMillis;

    /** Probes in a row that it has answered since the circuit opened. */
    int answered;

    long openedNanos;
    long closedNanos;

    Entry(Node node, NodeState state) {
      this.node = node;
      this.state = state;
    }

    boolean isOut() {
      return node.address().isOut();
    }

    Condition condition() {
      if (isOut()) {
        return Condition.OUT;
      }
      if (!open) {
        return Condition.WELL;
      }
      if (fellWithAll) {
        return Condition.AWAITED;
      }
      return confirmed ? Condition.DOWN : Condition.SUSPECT;
    }
  }

  private final ScheduledExecutorService control;
  private final Ticker clock;
  private final Prober prober;
  private final Runnable changed;
  private HealthSettings settings = HealthSettings.DEFAULT;
  private List<Entry> entries = new ArrayList<>();

  /**
   * Knows no nodes yet.
   *
   * @param control the control thread
   * @param clock tells how long a node has been away
   * @param prober asks a node whether it is there
   * @param changed runs on the control thread when the {@linkplain #conditions() condition} of a
   *     node may be another than before
   */
  Health(ScheduledExecutorService control, Ticker clock, Prober prober, Runnable changed) {
    this.control = control;
    this.clock = clock;
    this.prober = prober;
    this.changed = changed;
  }

  /**
   * Has these nodes from now on. What is known of those that it had stays.
   *
   * @param next of the pool
   * @param nodes in the order of the configuration
   */
  void follow(HealthSettings next, List<Placed> nodes) {
    settings = next;
    List<Entry> now = new ArrayList<>();
    for (Placed placed : nodes) {
      Entry known = entryOf(placed.node());
      if (known == null) { // whatever was said of a node of the name was of another address
        known = new Entry(placed.node(), placed.state());
        known.state.closeCircuit();
      }
      now.add(known);
    }
    entries = now;
    for (Entry entry : entries) {
      if (entry.node.circuitOpen() && !entry.isOut()) { // it was tried before it was here
        opened(entry, NodeFailure.of(FailureKind.UNREACHABLE, "it cannot be reached"));
      }
    }
  }

  /** What is known of each node, in the order of the configuration. */
  List<Condition> conditions() {
    return entries.stream().map(Entry::condition).toList();
  }

  @Override
  public void circuitOpened(Node node, NodeFailure cause) {
    onControl(
        node,
        () -> {
          Entry entry = entryOf(node);
          if (entry != null) {
            opened(entry, cause);
          }
        });
  }

  private void onControl(Node node, Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is noted of {}: the proxy is stopping", node);
    }
  }

  private void later(long millis, Runnable task) {
    try {
      var unused = control.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is looked at: the proxy is stopping");
    }
  }

  /** Null: the configuration has no such node, no longer or not yet. */
  private @Nullable Entry entryOf(Node node) {
    for (Entry entry : entries) {
      if (entry.node == node) {
        return entry;
      }
    }
    return null;
  }

  private void opened(Entry entry, NodeFailure cause) {
    if (entry.open) {
      return;
    }
    entry.open = true;
    entry.answered = 0;
    entry.openedNanos = clock.nanoTime();
    entry.confirmed = cause.kind() == FailureKind.TIMEOUT;
    entry.state.failed(cause.text(), System.currentTimeMillis());
    entry.state.openCircuit();
    if (entries.stream().allMatch(each -> each.open || each.isOut())) {
      entries.forEach(each -> each.fellWithAll = true);
    }
    if (!entry.node.address().isNobody()) { // its source says why it has no primary
      LOG.atWarn()
          .addMarker(Events.NODE_DOWN)
          .addKeyValue(Events.POOL, entry.node.pool())
          .addKeyValue(Events.NODE, entry.node.name())
          .log("node {} is down: {}", entry.node, cause.text());
    }
    long wellMillis = TimeUnit.NANOSECONDS.toMillis(entry.openedNanos - entry.closedNanos);
    if (entry.pauseMillis == 0 || wellMillis > settings.retryAfterMillis()) {
      entry.pauseMillis = FIRST_PROBE_MILLIS;
      scheduleProbe(entry);
    } else { // it answers probes and fails requests: the pauses go on growing
      scheduleProbe(entry);
      lengthenPause(entry);
    }
    changed.run();
  }

  private void scheduleProbe(Entry entry) {
    // Jitter, so that many proxies do not knock at the same instant.
    long jitter = ThreadLocalRandom.current().nextLong(entry.pauseMillis / 5 + 1);
    later(entry.pauseMillis - jitter, () -> probe(entry));
  }

  private void lengthenPause(Entry entry) {
    long longest = Math.max(FIRST_PROBE_MILLIS, settings.retryAfterMillis() / 2);
    entry.pauseMillis = Math.min(entry.pauseMillis * 2, longest);
  }

  private void probe(Entry entry) {
    if (!entries.contains(entry)) {
      return;
    }
    try {
      prober.probe(entry.node, failure -> onControl(entry.node, () -> probed(entry, failure)));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not probed: the proxy is stopping", entry.node);
    }
  }

  private void probed(Entry entry, @Nullable NodeFailure failure) {
    if (!entries.contains(entry)) {
      return;
    }
    if (failure == null && ++entry.answered < settings.successLimit()) {
      scheduleProbe(entry);
      lengthenPause(entry);
    } else if (failure == null) {
      isBack(entry);
    } else {
      entry.answered = 0;
      LOG.debug("node {} is still down: {}", entry.node, failure.text());
      entry.confirmed = true;
      entry.state.failed(failure.text(), System.currentTimeMillis());
      scheduleProbe(entry);
      lengthenPause(entry);
    }
    changed.run();
  }

  private void isBack(Entry entry) {
    entry.open = false;
    if (entry.fellWithAll) { // the first of them: the others are to follow in time
      entry.fellWithAll = false;
      later(settings.retryAfterMillis(), this::endGrace);
    }
    entry.closedNanos = clock.nanoTime();
    entry.node.closeCircuit();
    entry.state.closeCircuit();
    long millis = TimeUnit.NANOSECONDS.toMillis(entry.closedNanos - entry.openedNanos);
    LOG.atInfo()
        .addMarker(Events.NODE_UP)
        .addKeyValue(Events.POOL, entry.node.pool())
        .addKeyValue(Events.NODE, entry.node.name())
        .addKeyValue(Events.MILLIS, millis)
        .log("node {} is back after {} ms", entry.node, millis);
  }

  /** Nodes that have not followed the first one back are down by themselves. */
  private void endGrace() {
    if (entries.stream().anyMatch(entry -> !entry.open && !entry.isOut())) {
      entries.forEach(entry -> entry.fellWithAll = false);
      changed.run();
    }
  }
}
