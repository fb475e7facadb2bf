package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.ControlThread;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way in which the servers of a pool change: a file that is read again ({@link #follow}),
 * an operator who takes nodes out ({@link #maintain}), a topology that its {@link TopologySource}
 * publishes, and a name that has moved ({@link #followMoved}) say what the pool is to be, and one
 * {@link TopologyChange} at a time takes it there. What comes meanwhile is taken next, the newest
 * of it. Confined to the control thread, but for {@link #follow}, {@link #maintain} and {@link
 * #stop}, which any thread may call.
 */
final class PoolChanges implements TopologySource.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(PoolChanges.class);

  /** New servers that do not answer are not waited for any longer. */
  static final long PREPARE_MILLIS = 1000;

  /**
   * The same where a source has published: the servers that its shards had before may be no
   * primaries any more, and get requests until then.
   */
  static final long PREPARE_PUBLISHED_MILLIS = 200;

  /** A pool on its way, see {@link TopologyChange}. */
  interface Change {

    /**
     * Begins.
     *
     * @param patienceMillis how long new servers may take to answer
     */
    void begin(long patienceMillis);

    /** Installs no later than then, whatever it is still waiting for. */
    void installWithin(long millis);

    /** Goes no further: the pool closes, and all that was prepared with it. */
    void stop();
  }

  /** Hears how far a change is, on the control thread. */
  interface Progress {

    /** Every worker has been given its task to go over: another change may begin. */
    void given();

    /** Every worker has gone over. */
    void installed();

    /** Nothing of what was retired is left. */
    void ended();

    /** There is a defect, and no worker goes over. */
    void failed(Throwable defect);
  }

  /** Makes the way from what a pool is. */
  interface Maker {
    /**
     * A change that has not begun.
     *
     * @param wanted what the pool is to be
     * @param nodes what becomes of its primaries
     * @param on what to call back
     */
    Change make(Wanted wanted, PlacedChange nodes, Progress on);
  }

  private final ScheduledExecutorService control;
  private final Placing placing;
  private final TopologySource source;
  private final Supplier<PoolState> state;
  private final Maker maker;

  private Wanted wanted;

  /** Until it is installed. */
  private @Nullable Change running;

  /** Something came while one was running. */
  private boolean again;

  private long nextPatienceMillis = PREPARE_MILLIS;

  /** A file and what the source makes of it are one change. */
  private boolean collecting;

  /** Of former changes: retired, and not drained yet. */
  private final List<Placed> draining = new ArrayList<>();

  private final ReplacedPrimaries replaced = new ReplacedPrimaries();

  /** Those for whom the next change is. */
  private final List<Following> next = new ArrayList<>();

  /** All whose change is not installed. */
  private final Set<Following> open = new LinkedHashSet<>();

  private boolean toldOfCluster;
  private volatile boolean stopped;

  /**
   * Changes nothing before {@link #start}.
   *
   * @param source says who the shards are
   * @param first what the pool is made of
   * @param state what the pool is
   */
  PoolChanges(
      ScheduledExecutorService control,
      Placing placing,
      TopologySource source,
      Wanted first,
      Supplier<PoolState> state,
      Maker maker) {
    this.control = control;
    this.placing = placing;
    this.source = source;
    this.state = state;
    this.maker = maker;
    wanted = first;
  }

  /** Has the source begin. */
  void start() {
    if (!stopped) {
      source.start(this);
    }
  }

  /** What the pool is to be, which it may not be yet. */
  Wanted wanted() {
    return wanted;
  }

  // ---------------------------------------------------------------- what there is to follow

  /**
   * Has the pool go over to other settings.
   *
   * @param settings all of them
   * @param certificates that they ask for
   * @param reconnects whether all connections to nodes are made anew
   * @return fails if the pool closes before that
   */
  Following follow(PoolSettings settings, PoolCertificates certificates, boolean reconnects) {
    Following following = new Following();
    run(() -> follow(following, settings, certificates, reconnects), following::fail);
    return following;
  }

  /**
   * Takes nodes out for maintenance, or has them back; from any thread.
   *
   * @param next what is out then, of what was
   */
  Following maintain(UnaryOperator<Maintenance> next) {
    Following following = new Following();
    run(() -> maintain(next, following), following::fail);
    return following;
  }

  /**
   * Has a node back, as soon as nothing speaks for a failover that is under way.
   *
   * @param node its name
   * @param anyway whatever speaks for one
   * @return done when requests go to it, with nothing; or why it stays out
   */
  CompletionStage<Optional<String>> ready(String node, boolean anyway) {
    CompletableFuture<Optional<String>> done = new CompletableFuture<>();
    Consumer<Optional<String>> settled =
        doubt -> {
          if (doubt.isPresent()) {
            done.complete(doubt);
          } else {
            Following following = new Following();
            maintain(out -> out.without(node), following);
            following
                .installed()
                .whenComplete(
                    (installed, failure) -> {
                      if (failure == null) {
                        done.complete(Optional.empty());
                      } else {
                        done.completeExceptionally(failure);
                      }
                    });
          }
        };
    run(
        () -> {
          if (anyway || stopped) {
            settled.accept(Optional.empty());
          } else {
            source.settle(node, settled);
          }
        },
        done::completeExceptionally);
    return done;
  }

  /**
   * Runs a task on the control thread.
   *
   * @param failed tells whoever waits for it of its defects, which are thrown as well, and that it
   *     is not run since the proxy stops
   */
  private void run(Runnable task, Consumer<Throwable> failed) {
    try {
      control.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException | Error defect) {
              failed.accept(defect);
              throw defect;
            }
          });
    } catch (RejectedExecutionException e) {
      failed.accept(stopping());
    }
  }

  private void maintain(UnaryOperator<Maintenance> out, Following following) {
    assert ControlThread.isHere(control);
    if (stopped) {
      following.fail(stopping());
      return;
    }
    wanted = wanted.with(out.apply(wanted.maintenance()));
    next.add(following);
    open.add(following);
    change(PREPARE_MILLIS);
  }

  private static IOException stopping() {
    return new IOException("the proxy is stopping");
  }

  private void follow(
      Following following,
      PoolSettings settings,
      PoolCertificates certificates,
      boolean reconnects) {
    assert ControlThread.isHere(control);
    if (stopped) {
      following.fail(stopping());
      return;
    }
    Wanted before = wanted;
    long generation = before.generation() + (reconnects ? 1 : 0);
    wanted =
        new Wanted(settings, certificates, generation, before.topology(), before.maintenance());
    try {
      if (!LayerSettings.isSameTopology(before.settings(), settings)) {
        collect(settings);
      }
    } catch (RuntimeException defect) {
      LOG.error("the source of pool '{}' takes no other nodes", settings.name(), defect);
      wanted = before;
      following.fail(defect);
      return;
    }
    next.add(following);
    open.add(following);
    change(PREPARE_MILLIS);
  }

  /** Has the source publish what it makes of other nodes. */
  private void collect(PoolSettings settings) {
    collecting = true;
    try {
      source.configured(LayerSettings.topology(settings));
    } finally {
      collecting = false;
    }
  }

  @Override
  public void publish(Topology topology) {
    assert ControlThread.isHere(control);
    topology.servers().forEach(server -> Placing.check(server, wanted.settings()));
    if (stopped || topology.equals(wanted.topology())) {
      return;
    }
    wanted = wanted.with(topology);
    if (!collecting) {
      change(PREPARE_PUBLISHED_MILLIS);
    }
  }

  @Override
  public void areBeingReplaced(Set<ServerId> primaries) {
    replaced.are(primaries, wanted.topology(), state.get().nodes());
  }

  /** Has nodes made anew whose names have moved. */
  void followMoved() {
    PoolState now = state.get();
    if (Stream.of(now.nodes(), now.replicas()).flatMap(List::stream).anyMatch(Placed::moved)) {
      change(PREPARE_MILLIS);
    }
  }

  /** Traffic has shown something of a node. */
  void hint(Node node, Function<ServerId, Hint> what) {
    assert ControlThread.isHere(control);
    if (stopped) {
      return;
    }
    for (Placed each : state.get().nodes()) {
      if (each.node() == node) {
        Hint hint = what.apply(each.known());
        source.hint(hint);
        if (hint instanceof Hint.Moved) {
          warnOfCluster(node);
        }
      }
    }
  }

  /** Says once that a server is one of a Cluster, if the pool is not configured as one. */
  private void warnOfCluster(Node node) {
    if (!toldOfCluster && !(wanted.topology().placement() instanceof SlotPlacement)) {
      toldOfCluster = true;
      LOG.warn(
          "node {} answers MOVED: its server is one of a Redis or Valkey Cluster, whose slots are"
              + " not followed here; instead of nodes, write cluster { seeds = [\"{}\"] }",
          node,
          node.address().text());
    }
  }

  // ---------------------------------------------------------------- one change at a time

  private void change(long patienceMillis) {
    nextPatienceMillis = Math.min(nextPatienceMillis, patienceMillis);
    Change before = running;
    if (before == null) {
      begin();
    } else {
      again = true;
      if (patienceMillis < PREPARE_MILLIS) {
        before.installWithin(patienceMillis);
      }
    }
  }

  private void begin() {
    if (stopped) {
      return;
    }
    List<Following> followings = List.copyOf(next);
    long patienceMillis = nextPatienceMillis;
    next.clear();
    nextPatienceMillis = PREPARE_MILLIS;
    again = false;
    try {
      PoolState now = state.get();
      List<Placed> nodes = placing.place(wanted, now.nodes());
      replaced.look(wanted.topology(), nodes);
      List<Placed> replicas = placing.placeReplicas(wanted, now.replicas());
      if (nodes.equals(now.nodes())
          && replicas.equals(now.replicas())
          && wanted.equals(now.wanted())) {
        open.removeAll(followings);
        followings.forEach(Following::nothing);
      } else {
        PlacedChange change =
            PlacedChange.of(now.nodes(), nodes, draining)
                .with(PlacedChange.Replicas.of(now.replicas(), replicas));
        Change begun = maker.make(wanted, change, new Told(change, followings));
        running = begun;
        begun.begin(patienceMillis);
      }
    } catch (RuntimeException | Error defect) {
      failed(followings, defect);
    }
  }

  private void failed(List<Following> followings, Throwable defect) {
    LOG.error("a change of servers cannot be carried out, what there was stays", defect);
    running = null;
    open.removeAll(followings);
    followings.forEach(each -> each.fail(defect));
  }

  /** Changes nothing any more: the pool closes. What is prepared is closed with it. */
  void stop() {
    stopped = true;
    try {
      control.execute(
          () -> {
            source.close();
            Change change = running;
            if (change != null) {
              change.stop();
            }
            open.forEach(each -> each.fail(stopping()));
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("no change is under way any more");
    }
  }

  /** Goes on when a change has come to an end, and tells those for whom it was. */
  private final class Told implements Progress {
    private final PlacedChange nodes;
    private final List<Following> followings;

    Told(PlacedChange nodes, List<Following> followings) {
      this.nodes = nodes;
      this.followings = followings;
    }

    @Override
    public void given() {
      running = null;
      draining.addAll(nodes.retired());
      if (again) {
        begin();
      }
    }

    @Override
    public void installed() {
      replaced.look(wanted.topology(), state.get().nodes()); // what was said since it began
      open.removeAll(followings);
      followings.forEach(each -> each.installed().complete(null));
    }

    @Override
    public void ended() {
      draining.removeAll(nodes.retired());
      followings.forEach(each -> each.ended().complete(null));
    }

    @Override
    public void failed(Throwable defect) {
      PoolChanges.this.failed(followings, defect);
      if (again) {
        begin();
      }
    }
  }
}
