package io.cashew.proxy.client;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.gather.ManyNodes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A pool's part on one worker, as its clients see it: router, settings, commands, users, and the
 * other clients there. Confined to the worker.
 */
public final class PoolPart {
  private final Worker worker;
  private final Router router;
  private final ManyNodes manyNodes;
  private final PoolRecorder recorder;
  private final ClientDirectory directory;
  private final AclLog aclLog;
  private final Pause pause;
  private final RequestInsight insight;
  private final Wording wording;
  private final Set<Client> clients = new LinkedHashSet<>();
  private final List<Keeper> keepers = new ArrayList<>();
  private final Map<Trace, Traces> traces = new EnumMap<>(Trace.class);
  private final RequestFrame frame = new RequestFrame();
  private ClientSettings settings;
  private CommandTable commands;
  private Users users;
  private ServerFacts servers = ServerFacts.UNKNOWN;
  private ToLongFunction<byte[]> kept = key -> NearCache.NOT_KEPT;

  /** Those of {@link #commands} that clients are told of; null: to be found out. */
  private @Nullable CommandTable published;

  /**
   * A part without clients.
   *
   * @param worker whose thread this is confined to
   * @param settings of the pool
   * @param commands the rows of all commands
   * @param users whom clients can be
   * @param aclLog gets what users were refused; the pool's other workers use it, too
   * @param router finds nodes
   * @param recorder counts for the pool on this worker
   * @param directory of the pool's clients on all workers
   * @param insight what is to be noted of requests
   * @param wording how its clients are told what the proxy itself has to say
   */
  public PoolPart(
      Worker worker,
      ClientSettings settings,
      CommandTable commands,
      Users users,
      AclLog aclLog,
      Router router,
      PoolRecorder recorder,
      ClientDirectory directory,
      PoolInsight insight,
      Wording wording) {
    this.wording = wording;
    this.worker = worker;
    this.settings = settings;
    this.commands = commands;
    this.users = users;
    this.aclLog = aclLog;
    this.router = router;
    manyNodes = new ManyNodes(worker, router, recorder, settings.unsentBytesHard());
    this.recorder = recorder;
    this.directory = directory;
    this.insight = new RequestInsight(settings.pool(), worker, recorder, insight);
    pause = new Pause(commands, directory.scripts());
    directory.add(this);
    countRules();
  }

  public Worker worker() {
    return worker;
  }

  public Router router() {
    return router;
  }

  /** The lane of a client's requests, as it is now. */
  public Lane laneOf(Session session) {
    return router
        .lane(session.id(), session.resp3(), session.database())
        .goesBy(router.routesOf(session.user()));
  }

  /** Sends requests that concern several nodes. */
  public ManyNodes manyNodes() {
    return manyNodes;
  }

  public PoolRecorder recorder() {
    return recorder;
  }

  public ClientDirectory directory() {
    return directory;
  }

  /** What users were refused. */
  public AclLog aclLog() {
    return aclLog;
  }

  /** Which requests have to wait. */
  public Pause pause() {
    return pause;
  }

  /** Looks at requests as they begin and end. */
  public RequestInsight insight() {
    return insight;
  }

  /** How its clients are told what the proxy itself has to say. */
  public Wording wording() {
    return wording;
  }

  /** The frame of whichever request is being handled; it is read before the next is decoded. */
  public RequestFrame frame() {
    return frame;
  }

  // ---------------------------------------------------------------- what a reload may replace

  public ClientSettings settings() {
    return settings;
  }

  /** Has other settings from now on; each client is to be told. */
  public void install(ClientSettings newSettings) {
    assert worker.inThread();
    settings = newSettings;
    manyNodes.maxGathered(newSettings.unsentBytesHard());
    countRules();
  }

  /** A rule that has counted nothing yet is there all the same. */
  private void countRules() {
    List<String> labels = settings.rules().rules().stream().map(CacheRules::label).toList();
    recorder.rules.keepOnly(labels);
    labels.forEach(recorder.rules::of);
  }

  /** Whether requests may go to other servers than those that they were sent to first. */
  public boolean serversMayChange() {
    return settings.followsFailovers() || router.table().slotsMove();
  }

  public CommandTable commands() {
    return commands;
  }

  /** Knows other commands from now on. */
  public void install(CommandTable newCommands) {
    assert worker.inThread();
    commands = newCommands;
    published = null;
    pause.commands(newCommands);
  }

  /** Whom clients can be. */
  public Users users() {
    return users;
  }

  /** Has other users from now on; each client is to be told. */
  public void install(Users newUsers) {
    assert worker.inThread();
    users = newUsers;
  }

  /** What all servers of the pool have in common. */
  public ServerFacts servers() {
    return servers;
  }

  /** Who says how long what is kept of a key is given, as {@link NearCache#keptMillis} does. */
  public void keptBy(ToLongFunction<byte[]> whom) {
    kept = whom;
  }

  /** How long what is kept of a key is given, as {@link NearCache#keptMillis} says it. */
  public long keptMillis(byte[] key) {
    return kept.applyAsLong(key);
  }

  /** The servers have this in common from now on. */
  public void install(ServerFacts common) {
    assert worker.inThread();
    if (!common.equals(servers)) {
      servers = common;
      published = null;
    }
  }

  /** The commands of which clients are told that they are there. */
  public CommandTable publishedCommands() {
    CommandTable known = published;
    if (known == null) {
      published = known = PublishedCommands.of(commands, servers);
    }
    return known;
  }

  // ---------------------------------------------------------------- clients

  /** The clients of this worker. */
  public List<Client> clients() {
    assert worker.inThread();
    return List.copyOf(clients);
  }

  /** A client has connected. */
  public void add(Client client) {
    assert worker.inThread();
    clients.add(client);
    directory.add(client);
    recorder.clients++;
    recorder.clientsAccepted++;
  }

  /** A client has left; one that has left before may be said to leave again. */
  public void remove(Client client) {
    assert worker.inThread();
    if (clients.remove(client)) {
      directory.remove(client);
      recorder.clients--;
    }
  }

  /** This one is told of clients that leave, after those before it. */
  public void keeps(Keeper keeper) {
    keepers.add(keeper);
  }

  /** Knows what clients leave behind, of one kind; before the first of them. */
  public void leaves(Trace kind, Traces of) {
    traces.put(kind, of);
  }

  /** What clients leave behind, of one kind. */
  public Traces traces(Trace kind) {
    Traces known = traces.get(kind);
    if (known == null) {
      throw new IllegalStateException("nobody knows who " + kind);
    }
    return known;
  }

  /** A client leaves, or begins anew. */
  public void forget(Client client) {
    keepers.forEach(keeper -> keeper.forget(client));
  }

  /** No request has to wait for the end of {@code CLIENT PAUSE} any more. */
  public void endPause() {
    pause.end();
    clients().forEach(Client::pauseIsOver);
  }
}
