package io.cashew.proxy.control;

import io.cashew.hashing.distribution.Member;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.route.Copies;
import io.cashew.proxy.route.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes of a pool have their circuit open, which are ejected, and the routing table that
 * follows. Confined to the control thread, but for {@link #node} and for {@link #follow} before the
 * start.
 *
 * <p>A node whose circuit has opened is probed after 50 ms, then after as long as it has been away,
 * with jitter, up to half of {@code retry-after}: soon enough to notice a blip, slow enough for a
 * node that has fallen. With ejection its keys go to the others meanwhile, but never more than
 * {@code max-ejected} of the nodes are out, and never the last: then the rest gets errors. The keys
 * of nodes that are well never move by a failure of others. A node that has ended its connections
 * is ejected when it does not answer a probe either. When all nodes are down at one time, it is not
 * they who have failed: none is ejected, and each is waited for, until one has been back for {@code
 * retry-after}.
 */
final class Membership implements Node.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

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
    boolean ejected;

    /** More than the end of a connection says that it is down. */
    boolean confirmed;

    /** It went down with all others, and is given time to come back with them. */
    boolean fellWithAll;

    long pauseMillis;
    long openedNanos;
    long closedNanos;

    Entry(Node node, NodeState state) {
      this.node = node;
      this.state = state;
    }
  }

  private PoolSettings settings;
  private final ScheduledExecutorService control;
  private final Consumer<RoutingTable> publisher;
  private final Prober prober;
  private List<Entry> entries = new ArrayList<>();
  private Copies copies = Copies.none(0);
  private long version;

  Membership(
      PoolSettings settings,
      ScheduledExecutorService control,
      Consumer<RoutingTable> publisher,
      Prober prober) {
    this.settings = settings;
    this.control = control;
    this.publisher = publisher;
    this.prober = prober;
  }

  /** A node for {@link #follow}, whose circuit is closed. */
  Node node(NodeSettings nodeSettings, NodeAddress address) {
    return new Node(settings.name(), nodeSettings.name(), address, settings.failureLimit(), this);
  }

  /**
   * Has these nodes from now on. What is known of those that it had stays.
   *
   * @param next settings of the pool
   * @param nodes in the order of the settings
   * @return a table over them
   */
  RoutingTable follow(PoolSettings next, List<Placed> nodes) {
    settings = next;
    List<Entry> now = new ArrayList<>();
    for (Placed placed : nodes) {
      Entry known = entryOf(placed.node());
      Entry entry = known == null ? new Entry(placed.node(), placed.state()) : known;
      entry.node.failureLimit(next.failureLimit());
      if (known == null) { // whatever was said of a node of the name was of another address
        entry.state.closeCircuit();
        entry.state.readmit();
      }
      now.add(entry);
    }
    entries = now;
    if (!next.eject().enabled() || entries.stream().allMatch(each -> each.ejected)) {
      for (Entry entry : entries) {
        entry.ejected = false;
        entry.state.readmit();
      }
    }
    for (Entry entry : entries) {
      if (entry.node.circuitOpen()) { // it was tried before it was here
        opened(entry, NodeFailure.of(FailureKind.UNREACHABLE, "it cannot be reached"));
      }
    }
    return table();
  }

  /** A new table over the nodes that are not ejected. */
  private RoutingTable table() {
    List<Member> members =
        settings.members().stream().filter(member -> !entries.get(member.index()).ejected).toList();
    copies = copies();
    return new RoutingTable(++version, settings.hashTag(), settings.keyMapper(members), copies);
  }

  private Copies copies() {
    return Copies.of(
        entries.stream().map(each -> each.node).toList(),
        settings.holdsTheSame(),
        node -> !node.circuitOpen());
  }

  /** Which nodes are names of one server, or which of them can be asked, may have changed. */
  void lookAtCopies() {
    if (!copies().equals(copies)) {
      publisher.accept(table());
    }
  }

  @Override
  public void circuitOpened(Node node, NodeFailure cause) {
    try {
      control.execute(() -> opened(node, cause));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} has failed while the proxy stops: {}", node, cause.text());
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

  private void opened(Node node, NodeFailure cause) {
    Entry entry = entryOf(node);
    if (entry != null) {
      opened(entry, cause);
    }
  }

  private void opened(Entry entry, NodeFailure cause) {
    if (entry.open) {
      return;
    }
    entry.open = true;
    entry.openedNanos = System.nanoTime();
    entry.confirmed = cause.kind() == FailureKind.TIMEOUT;
    entry.state.failed(cause.text(), System.currentTimeMillis());
    entry.state.openCircuit();
    if (entries.stream().allMatch(each -> each.open)) {
      entries.forEach(each -> each.fellWithAll = true);
    }
    LOG.warn("node {} is down: {}", entry.node, cause.text());
    long wellMillis = TimeUnit.NANOSECONDS.toMillis(entry.openedNanos - entry.closedNanos);
    if (entry.pauseMillis == 0 || wellMillis > settings.retryAfterMillis()) {
      entry.pauseMillis = FIRST_PROBE_MILLIS;
      scheduleProbe(entry);
    } else { // it answers probes and fails requests: the pauses go on growing
      scheduleProbe(entry);
      lengthenPause(entry);
    }
    updateTable();
  }

  private void scheduleProbe(Entry entry) {
    // Jitter, so that many proxies do not knock at the same instant.
    long jitter = ThreadLocalRandom.current().nextLong(entry.pauseMillis / 5 + 1);
    try {
      control.schedule(() -> probe(entry), entry.pauseMillis - jitter, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not probed: the proxy is stopping", entry.node);
    }
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
      prober.probe(entry.node, failure -> answered(entry, failure));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not probed: the proxy is stopping", entry.node);
    }
  }

  private void answered(Entry entry, @Nullable NodeFailure failure) {
    try {
      control.execute(() -> probed(entry, failure));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} was probed while the proxy stops", entry.node);
    }
  }

  private void probed(Entry entry, @Nullable NodeFailure failure) {
    if (!entries.contains(entry)) {
      return;
    }
    if (failure != null) {
      LOG.debug("node {} is still down: {}", entry.node, failure.text());
      entry.confirmed = true;
      entry.state.failed(failure.text(), System.currentTimeMillis());
      scheduleProbe(entry);
      lengthenPause(entry);
      updateTable();
      return;
    }
    entry.open = false;
    if (entry.fellWithAll) {
      entry.fellWithAll = false;
      scheduleEndOfGrace();
    }
    entry.closedNanos = System.nanoTime();
    entry.node.closeCircuit();
    entry.state.closeCircuit();
    LOG.info(
        "node {} is back after {} ms",
        entry.node,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - entry.openedNanos));
    updateTable();
  }

  /** One node is back of all that were down: those that do not follow in time are down alone. */
  private void scheduleEndOfGrace() {
    try {
      control.schedule(this::endGrace, settings.retryAfterMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is ejected: the proxy is stopping");
    }
  }

  private void endGrace() {
    if (entries.stream().anyMatch(entry -> !entry.open)) {
      entries.forEach(entry -> entry.fellWithAll = false);
      updateTable();
    }
  }

  /** Publishes a table by which requests go to what is well, as far as that is allowed. */
  private void updateTable() {
    if (settings.eject().enabled() && updateEjections()) {
      publisher.accept(table());
    } else {
      lookAtCopies();
    }
  }

  /** Readmits what is well and ejects what is down. @return whether anything has changed */
  private boolean updateEjections() {
    boolean changed = false;
    int ejected = 0;
    for (Entry entry : entries) {
      if (entry.ejected && (!entry.open || entry.fellWithAll)) {
        entry.ejected = false;
        entry.state.readmit();
        LOG.info("node {} is readmitted: its keys come back to it", entry.node);
        changed = true;
      }
      ejected += entry.ejected ? 1 : 0;
    }
    int most = Math.min(entries.size() - 1, (int) (settings.eject().maxEjected() * entries.size()));
    for (Entry entry : entries) {
      boolean down = entry.open && entry.confirmed && !entry.fellWithAll;
      if (down && !entry.ejected && ejected < most) {
        entry.ejected = true;
        entry.state.eject();
        ejected++;
        LOG.warn("node {} is ejected: its keys go to the others", entry.node);
        changed = true;
      }
    }
    return changed;
  }
}
