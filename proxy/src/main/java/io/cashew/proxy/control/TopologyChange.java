package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.topology.ControlThread;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool on its way from one topology to another, step by step and without ever waiting: confined
 * to the control thread, which gives the workers tasks and goes on when they have done them.
 *
 * <ol>
 *   <li>The names of servers that are new are looked up.
 *   <li>Each worker connects to new servers, and listens there to what its clients listen to.
 *   <li>When that is done, or its time has passed, each worker goes over in one task, between two
 *       requests: from then on nothing new is sent to a server that no shard has any more. What is
 *       in flight there gets its reply, blocked clients and pinned connections end as {@link
 *       Backend#retire} says.
 *   <li>{@link Retirements} take away what is no longer used, when nothing is under way on it or
 *       its time has passed.
 * </ol>
 *
 * <p>A topology of servers that are all in use needs none of this: {@link Pool} installs it at
 * once, also while another one is being prepared.
 */
final class TopologyChange implements PoolChanges.Change {
  private static final Logger LOG = LoggerFactory.getLogger(TopologyChange.class);

  /** How often it is looked whether workers are prepared. */
  static final long LOOK_MILLIS = 2;

  private enum Phase {
    LOOKING_UP,
    PREPARING,
    INSTALLED
  }

  /** The pool, as far as a change needs it. */
  interface Target {

    /** A worker's side of a server, without connections. */
    Backend backend(PoolOnWorker part, Placed placed);

    /** The pool is changed from now on. @return what each worker is to install */
    Install install();

    /** Nothing of what was retired is left. */
    void ended();
  }

  /**
   * What each worker installs.
   *
   * @param topology to route by
   * @param settings that are new; null: they are the same
   * @param otherRoutes whether clients' requests may go elsewhere than before
   * @param drainMillis how long what is under way on what is no longer used may take
   */
  record Install(
      Topology topology,
      @Nullable SettingsChange settings,
      boolean otherRoutes,
      long drainMillis) {}

  private final OnWorkers workers;
  private final List<PoolOnWorker> parts;
  private final ScheduledExecutorService control;
  private final Retirements retirements;
  private final PlacedChange nodes;
  private final Topology soon;
  private final Target target;
  private final PoolChanges.Progress progress;
  private final Drained drained;
  private Phase phase = Phase.LOOKING_UP;
  private boolean stopped;

  /**
   * Begins nothing.
   *
   * @param nodes what becomes of the primaries
   * @param soon the topology as far as it is known now; what is installed is found at that moment
   */
  TopologyChange(
      List<PoolOnWorker> parts,
      ScheduledExecutorService control,
      Retirements retirements,
      PlacedChange nodes,
      Topology soon,
      Target target,
      PoolChanges.Progress progress) {
    this.parts = parts;
    this.control = control;
    this.retirements = retirements;
    this.nodes = nodes;
    this.soon = soon;
    this.target = target;
    this.progress = progress;
    workers = new OnWorkers(parts, control);
    drained = new Drained(workers, nodes.retiredIds());
  }

  @Override
  public void begin(long patienceMillis) {
    assert ControlThread.isHere(control);
    installWithin(patienceMillis);
    List<Placed> unknown =
        nodes.allAdded().stream().filter(each -> each.node().address().current() == null).toList();
    AtomicInteger missing = new AtomicInteger(unknown.size());
    unknown.forEach(
        each ->
            each.node()
                .address()
                .whenLookedUp(
                    () -> {
                      if (missing.decrementAndGet() == 0) {
                        later(0, this::prepare);
                      }
                    }));
    if (unknown.isEmpty()) {
      prepare();
    }
  }

  @Override
  public void installWithin(long millis) {
    later(
        millis,
        () -> {
          prepare();
          install();
        });
  }

  private void later(long millis, Runnable task) {
    try {
      var unused = control.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("a change of servers comes too late: the proxy is stopping");
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }

  private void prepare() {
    if (stopped || phase != Phase.LOOKING_UP) {
      return;
    }
    phase = Phase.PREPARING;
    for (PoolOnWorker part : parts) {
      Map<ServerId, Backend> added = new HashMap<>();
      nodes.allAdded().forEach(each -> added.put(each.server(), target.backend(part, each)));
      part.worker().eventLoop().execute(() -> prepare(part, added));
    }
    look();
  }

  private void prepare(PoolOnWorker part, Map<ServerId, Backend> added) {
    Servers servers = part.servers();
    servers.prepare(added);
    if (servers.closed()) {
      return;
    }
    List<Backend> primaries = servers.primariesOf(soon);
    List<Backend> listenedTo = new ArrayList<>();
    for (int i = 0; i < primaries.size(); i++) {
      // A predecessor that was drained meanwhile is not there any more.
      Backend known = servers.find(nodes.listenedToAt(soon.shards().get(i).primary()));
      listenedTo.add(known == null ? primaries.get(i) : known);
    }
    part.clientele()
        .prepare(
            servers.of(nodes.addedIds()),
            soon.copies().readers().stream().map(listenedTo::get).toList(),
            listenedTo,
            soon);
  }

  private void look() {
    if (stopped || phase != Phase.PREPARING) {
      return;
    }
    workers.ask(
        part -> part.clientele().prepared(),
        all -> {
          if (all) {
            install();
          } else {
            later(LOOK_MILLIS, this::look);
          }
        });
  }

  private void install() {
    if (stopped || phase != Phase.PREPARING) {
      return;
    }
    phase = Phase.INSTALLED;
    Install what;
    try {
      what = target.install();
    } catch (RuntimeException | Error defect) {
      List<ServerId> added = nodes.allAdded().stream().map(Placed::server).toList();
      workers.run(part -> part.servers().remove(added), () -> progress.failed(defect));
      return;
    }
    workers.run(part -> install(part, what), progress::installed);
    retirements.add(what.drainMillis(), drained, this::end);
    progress.given();
  }

  private void install(PoolOnWorker part, Install what) {
    Servers servers = part.servers();
    if (servers.closed()) {
      return;
    }
    SettingsChange settings = what.settings();
    if (settings != null) {
      settings.giveTo(part.clients());
      servers.primariesOf(what.topology()).forEach(each -> each.adopt(settings.backends()));
      servers.of(what.topology().replicas()).forEach(each -> each.adopt(settings.replicas()));
      part.router().reads(settings.reads());
    }
    part.router().install(what.topology());
    part.clientele().tableChanged();
    nodes.predecessors().forEach((id, former) -> handOver(part, former, id));
    List<Backend> retired = servers.of(nodes.retiredIds());
    // Before clients look where they are: those that wait there are to be told.
    retired.forEach(Backend::beginRetirement);
    if (what.otherRoutes()) {
      part.clientele().nodesChanged();
    } else {
      part.clientele().preparedIsInstalled();
    }
    retired.forEach(Backend::retire);
  }

  private static void handOver(PoolOnWorker part, ServerId from, ServerId to) {
    Backend former = part.servers().find(from);
    Backend next = part.servers().find(to);
    if (former != null && next != null) {
      part.clientele().handOver(former, next);
    }
  }

  private void end() {
    List<ServerId> retired = nodes.retiredIds();
    workers.run(
        part -> {
          part.servers().of(retired).forEach(part.clientele()::forget);
          part.servers().remove(retired);
        },
        () -> {
          target.ended();
          progress.ended();
        });
  }
}
