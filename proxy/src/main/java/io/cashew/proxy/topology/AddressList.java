package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.topology.ReplicationHistory.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a primary and its replicas at addresses that are configured, whichever is which. All are
 * asked for their replication about once a second, and soon after a hint; {@link
 * ReplicationHistory} says what follows. Confined to the control thread, but for {@link #rivals}.
 */
public final class AddressList implements PrimaryWatch {
  private static final Logger LOG = LoggerFactory.getLogger(AddressList.class);

  /** From the begin of a round of questions to that of the next; a tenth more or less. */
  static final long EVERY_MILLIS = 1000;

  /** The least one, however many hints come. */
  static final long LEAST_MILLIS = 50;

  /** A server that has not answered by then is not waited for: it may be frozen. */
  static final long PATIENCE_MILLIS = 500;

  private final String shard;
  private final List<AskedServer> servers = new ArrayList<>();
  private final ScheduledExecutorService control;
  private final ReplicationHistory history = new ReplicationHistory();
  private Consumer<Found> found = none -> {};
  private @Nullable Found last;
  private @Nullable Finding told;
  private long toldNanos = System.nanoTime();

  /** Written by the control thread. */
  private volatile List<String> rivals = List.of();

  private final Settling settling;
  private @Nullable Round running;
  private @Nullable ScheduledFuture<?> next;
  private long endedNanos;
  private boolean again;
  private boolean closed;

  /** What is asked of all servers at one time. */
  private final class Round {
    private final Map<String, ReplicationState> answers = new HashMap<>();
    private final long beganNanos = System.nanoTime();
    private int missing = servers.size();

    void begin() {
      servers.forEach(
          server ->
              server.ask(
                  ReplicationState.REQUEST,
                  reply -> {
                    ReplicationState.of(reply)
                        .ifPresent(state -> answers.put(server.address(), state));
                    if (--missing == 0) {
                      end(this);
                    }
                  }));
      var unused = control.schedule(() -> end(this), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** In the order of the configuration. */
    Map<String, ReplicationState> inOrder() {
      Map<String, ReplicationState> ordered = new LinkedHashMap<>();
      for (AskedServer server : servers) {
        ReplicationState state = answers.get(server.address());
        if (state != null) {
          ordered.put(server.address(), state);
        }
      }
      return ordered;
    }
  }

  /**
   * Begins nothing.
   *
   * @param shard for messages: {@code node 'alpha' of pool 'sessions'}
   * @param addresses of the primary and its replicas, at least one
   * @param asking with the credentials of the shard's servers
   */
  public AddressList(
      String shard, List<String> addresses, Asking asking, ScheduledExecutorService control) {
    this.shard = shard;
    this.control = control;
    addresses.forEach(address -> servers.add(new AskedServer(asking, address)));
    settling = new Settling(control, this::look);
  }

  @Override
  public void start(Consumer<Found> hears) {
    assert ControlThread.isHere(control);
    found = hears;
    begin();
  }

  @Override
  public void settle(Consumer<Optional<String>> doubt) {
    assert ControlThread.isHere(control);
    settling.begin(doubt);
  }

  @Override
  public void hint(Hint hint) {
    assert ControlThread.isHere(control);
    if (!closed) {
      look();
    }
  }

  /** Asks all soon. */
  private void look() {
    if (running != null) {
      again = true;
      return;
    }
    long pastMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - endedNanos);
    schedule(Math.max(0, LEAST_MILLIS - pastMillis));
  }

  private void schedule(long afterMillis) {
    ScheduledFuture<?> planned = next;
    if (planned != null) {
      if (planned.getDelay(TimeUnit.MILLISECONDS) <= afterMillis && !planned.isDone()) {
        return; // it is sooner
      }
      planned.cancel(false);
    }
    next = control.schedule(this::begin, afterMillis, TimeUnit.MILLISECONDS);
  }

  private void begin() {
    if (closed || running != null) {
      return;
    }
    next = null;
    again = false;
    Round round = new Round();
    running = round;
    round.begin();
  }

  private void end(Round round) {
    if (closed || running != round) {
      return;
    }
    running = null;
    endedNanos = System.nanoTime();
    long jitter = ThreadLocalRandom.current().nextLong(EVERY_MILLIS / 5) - EVERY_MILLIS / 10;
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(endedNanos - round.beganNanos);
    schedule(again ? LEAST_MILLIS : Math.max(LEAST_MILLIS, EVERY_MILLIS + jitter - tookMillis));
    Finding finding =
        history.judge(round.inOrder(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    rivals = finding.rivals();
    tell(finding, round);
    Found now =
        finding
            .primary()
            .map(Found::at)
            .orElseGet(() -> Found.nobody(whyNobody(finding, round.inOrder())))
            .among(servers.stream().map(AskedServer::address).toList());
    if (!now.equals(last)) {
      last = now;
      found.accept(now);
    }
    settling.looked(round.beganNanos, doubt(finding));
  }

  /** Two of a failover by hand say that they are primary until the former is told to follow. */
  private Optional<String> doubt(Finding finding) {
    return finding.primary().isEmpty() || finding.rivals().isEmpty()
        ? Optional.empty()
        : Optional.of(
            "writes would go to "
                + finding.primary().get()
                + ", and "
                + String.join(", ", finding.rivals())
                + " says that it is primary, too: run REPLICAOF on the one that is to follow");
  }

  private String whyNobody(Finding finding, Map<String, ReplicationState> answers) {
    if (answers.isEmpty()) {
      return "none of its addresses answers ("
          + servers.get(0).address()
          + ": "
          + servers.get(0).failure()
          + ")";
    }
    if (finding.others().isEmpty()) {
      return "each of its servers that answers is a replica: "
          + String.join(", ", answers.keySet())
          + "; on the one that is to take writes, run REPLICAOF NO ONE";
    }
    String others = String.join(" and ", finding.others());
    return finding.others().size() > 1
        ? others
            + " each say that they are primary, and nothing proves which has the data; on those"
            + " that are to follow, run REPLICAOF"
        : others
            + " says that it is primary, but has other data than the rest; if it is to take writes,"
            + " run REPLICAOF to it on the others, else on itself";
  }

  /** Says once what a person should know. */
  private void tell(Finding finding, Round round) {
    if (finding.equals(told)) {
      return;
    }
    Finding before = told;
    long forMillis = TimeUnit.NANOSECONDS.toMillis(endedNanos - toldNanos);
    told = finding;
    toldNanos = endedNanos;
    String primary = finding.primary().orElse("nobody");
    String others = String.join(", ", finding.others());
    switch (finding.standing()) {
      case SERVES -> {
        if (before == null || !before.primary().equals(finding.primary())) {
          LOG.info("{}: {} is primary", shard, primary);
        } else {
          LOG.info(
              "{}: {} is primary, serves, and no other says that it is one, after {} ms",
              shard,
              primary,
              forMillis);
        }
      }
      case SILENT -> {
        if (others.isEmpty()) {
          LOG.warn(Events.NO_PRIMARY, "{}: its primary {} does not answer", shard, primary);
        } else {
          LOG.warn(
              Events.NO_PRIMARY,
              "{}: its primary {} does not answer; {} says that it is primary, but is not believed:"
                  + " it has not the data that {} had. If it is to take writes all the same, remove"
                  + " the others from the addresses",
              shard,
              primary,
              others,
              primary);
        }
      }
      case TWO_PRIMARIES ->
          LOG.warn(
              Events.RIVAL,
              "{}: more than one server says that it is primary. Writes go to {}, none to {}: run"
                  + " REPLICAOF there",
              shard,
              primary,
              others);
      case OTHER_DATA ->
          LOG.warn(
              Events.NO_PRIMARY,
              "{}: {} is primary and has lost the data that it had; a replica still has them. To go"
                  + " over to the replica, run REPLICAOF NO ONE there before it has followed",
              shard,
              primary);
      case NONE ->
          LOG.warn(
              Events.NO_PRIMARY,
              "{} has no primary: {}",
              shard,
              whyNobody(finding, round.inOrder()));
    }
  }

  @Override
  public List<String> rivals() {
    return rivals;
  }

  @Override
  public void close() {
    assert ControlThread.isHere(control);
    closed = true;
    rivals = List.of();
    settling.close();
    ScheduledFuture<?> planned = next;
    if (planned != null) {
      planned.cancel(false);
    }
    servers.forEach(AskedServer::close);
  }
}
