package io.cashew.proxy.client.pool;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.backend.SubscriberSettings;
import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.ClientDirectory;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.FailedLogins;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.client.Trace;
import io.cashew.proxy.client.Wording;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.client.answer.LocalCommands;
import io.cashew.proxy.client.answer.NodesInfo;
import io.cashew.proxy.client.blocking.Departures;
import io.cashew.proxy.client.blocking.TracesOfWaits;
import io.cashew.proxy.client.connection.ClientConnection;
import io.cashew.proxy.client.connection.ClientProtocol;
import io.cashew.proxy.client.connection.Dispatch;
import io.cashew.proxy.client.connection.DrainTurns;
import io.cashew.proxy.client.connection.MemcachedProtocol;
import io.cashew.proxy.client.connection.RoutedDispatch;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.client.pubsub.SubscriptionCounts;
import io.cashew.proxy.client.pubsub.Subscriptions;
import io.cashew.proxy.client.reply.Slots;
import io.cashew.proxy.client.tracking.Trackings;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.topology.Placement;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one pool on one worker and all that answers them: makes each connection, and tells
 * all of them of time, of a reload and of the end. Confined to the worker.
 */
public final class ClientPool implements TickListener, ClientConnection.Home {
  /** Looking at each of many clients is not for every tick. */
  private static final long QUEUE_LOOK_MILLIS = 1000;

  /** A client that holds no more is not to blame when memory is short. */
  private static final long LITTLE_BYTES = 16 << 10;

  private final PoolPart part;
  private final Slots slots;
  private final ForeignClients foreignClients;
  private final Worker worker;
  private final Router router;
  private final PoolRecorder recorder;
  private final ProxyFacts facts;
  private final AccessGuard guard;
  private final NodesInfo nodesInfo = new NodesInfo();
  private final Trackings trackings = new Trackings();
  private final Subscriptions subscriptions;
  private final ClientProtocol protocol;
  private final Set<ClientConnection> connections = new LinkedHashSet<>();
  private final List<ClientConnection> lookingAway = new ArrayList<>();

  /** This worker's part of the near cache; null: the pool has none. */
  private @Nullable CachePart cache;

  /** Since the pool drains; null: it does not. */
  private @Nullable DrainTurns drainTurns;

  private Runnable slotsAreLearnt = this::unsettle;
  private boolean closed;
  private long nextQueueLookMillis;

  /**
   * A pool without clients.
   *
   * @param worker whose thread this is confined to
   * @param settings of the pool
   * @param commands the rows of all commands
   * @param users whom clients can be
   * @param aclLog gets what users were refused; the pool's other workers use it, too
   * @param failedLogins counts wrong passwords, those of the pool's other workers too
   * @param proxy what INFO and TIME tell
   * @param router finds nodes
   * @param counts what the clients of all workers listen to
   * @param recorder counts for the pool on this worker
   * @param directory of the pool's clients on all workers
   * @param insight what is to be noted of requests
   */
  public ClientPool(
      Worker worker,
      ClientSettings settings,
      CommandTable commands,
      Users users,
      AclLog aclLog,
      FailedLogins failedLogins,
      ProxyFacts proxy,
      Router router,
      SubscriptionCounts counts,
      PoolRecorder recorder,
      ClientDirectory directory,
      PoolInsight insight) {
    this.worker = worker;
    this.router = router;
    this.recorder = recorder;
    facts = proxy;
    boolean memcached = settings.memcached() != null;
    part =
        new PoolPart(
            worker,
            settings,
            commands,
            users,
            aclLog,
            router,
            recorder,
            directory,
            insight,
            memcached ? Wording.MEMCACHED : Wording.RESP);
    subscriptions =
        new Subscriptions(worker, router, recorder, counts, subscriberSettings(settings));
    HomeOfSlots home =
        memcached ? new MemcachedHome(part, subscriptions) : new HomeOfSlots(part, subscriptions);
    slots = new Slots(worker, recorder, settings.replyLimits(), home, part.wording());
    foreignClients = new ForeignClients(settings.pool());
    guard = new AccessGuard(part, failedLogins);
    part.keeps(trackings);
    part.keeps(subscriptions);
    part.keeps(client -> client.session().leavesCache());
    part.leaves(Trace.WAITS, new TracesOfWaits(worker, router));
    part.leaves(Trace.LISTENS, subscriptions);
    protocol = memcached ? new MemcachedProtocol(part) : dispatch(commands);
  }

  private Dispatch dispatch(CommandTable commands) {
    Departures departures = new Departures(part);
    PubSubRequests pubSub = new PubSubRequests(commands, subscriptions);
    boolean hasRoutes = router.table().placement() == Placement.NOWHERE; // they come later
    return hasRoutes
        ? new RoutedDispatch(part, guard, departures, answers(commands), pubSub)
        : new Dispatch(part, guard, departures, answers(commands), pubSub);
  }

  private LocalCommands answers(CommandTable commands) {
    LocalCommands answers = new LocalCommands(commands, facts, guard, nodesInfo);
    trackings.addTo(answers.table());
    return answers;
  }

  private static SubscriberSettings subscriberSettings(ClientSettings settings) {
    return new SubscriberSettings(
        settings.reconnectMaxMillis(), settings.unsentBytesOfSubscriber());
  }

  ClientSettings settings() {
    return part.settings();
  }

  Wording wording() {
    return part.wording();
  }

  PoolRecorder recorder() {
    return recorder;
  }

  /** What was found of keys on this worker up to a second ago; from any thread. */
  public TopKeys topKeys() {
    return part.insight().topKeys();
  }

  // ---------------------------------------------------------------- reload

  /** The servers have this in common from now on. */
  public void install(ServerFacts common) {
    part.install(common);
  }

  /** Has other settings from now on, those who are connected included. */
  public void install(ClientSettings newSettings) {
    part.install(newSettings);
    slots.limits(newSettings.replyLimits());
    subscriptions.adopt(subscriberSettings(newSettings));
    protocol.settingsChanged();
    List.copyOf(connections).forEach(ClientConnection::settingsChanged);
  }

  /** Knows other commands from now on; the users that go with them are to be installed next. */
  public void install(CommandTable newCommands) {
    part.install(newCommands);
    if (protocol instanceof Dispatch dispatch) {
      dispatch.install(answers(newCommands), new PubSubRequests(newCommands, subscriptions));
    }
  }

  /**
   * Has other users from now on. A client goes on as the user of its name with that one's rights,
   * and is closed, after the replies that it is owed, if there is no such user any more or it is
   * off.
   */
  public void install(Users users) {
    part.install(users);
    protocol.settingsChanged();
    for (ClientConnection connection : List.copyOf(connections)) {
      connection.usersChanged(users);
    }
  }

  /** Has this near cache from now on; null: none. */
  public void keeps(@Nullable NearCache newCache) {
    assert worker.inThread();
    part.keptBy(newCache == null ? key -> NearCache.NOT_KEPT : newCache::keptMillis);
    if (!(protocol instanceof Dispatch dispatch)) {
      protocol.keeps(newCache);
      return;
    }
    CachePart before = cache;
    if (before == null ? newCache == null : before.isOf(newCache)) {
      return;
    }
    CachePart next =
        newCache == null ? null : new CachePart(newCache, worker, router, recorder.rules);
    cache = next;
    dispatch.install(next);
    if (before != null) {
      before.close();
    }
    cacheFollows();
  }

  /**
   * The keys of its clients belong to these pools on this worker, whose cache rules hold for them.
   *
   * @param pools in the order of the routes' pools; to be said again whenever one has other rules
   */
  public void leadsTo(List<ClientPool> pools) {
    assert worker.inThread();
    protocol.leadsTo(pools.stream().map(each -> each.protocol).toList());
    List<PoolPart> parts = pools.stream().map(each -> each.part).toList();
    part.keptBy(key -> parts.get(router.poolOf(key)).keptMillis(key));
  }

  private void cacheFollows() {
    if (cache != null) {
      cache.follow(router.backends(), router.table().version());
    }
  }

  /** The router has another table. */
  public void routesChanged() {
    assert worker.inThread();
    cacheFollows();
    protocol.routesChanged();
    subscriptions.routesChanged();
    trackings.follow(router.backends());
  }

  /** What {@link #prepare} was for is so now; the router may have another table. */
  public void preparedIsInstalled() {
    subscriptions.preparedIsInstalled();
    routesChanged();
  }

  /** Hears that the router goes by what servers have said of slots, in place of this alone. */
  public void whenSlotsAreLearnt(Runnable listener) {
    slotsAreLearnt = listener;
  }

  /** Slots are elsewhere: what is under way may be at their former servers. */
  public void unsettle() {
    part.clients().forEach(client -> client.order().unsettle());
  }

  /** The router has other nodes: after this no request goes to those that are no more. */
  public void nodesChanged() {
    nodesInfo.forget();
    preparedIsInstalled();
    List.copyOf(connections).forEach(ClientConnection::routesChanged);
    slots.redirects().topologyChanged();
    protocol.topologyChanged();
  }

  /**
   * Connects what clients listen to, and what is told of the keys that they have read, to nodes
   * that are soon to be used.
   *
   * @param added what is used soon and is not yet
   * @param soonHeard those to listen to by then that no other backend of the server stands for
   * @param nodeSoon where to listen to a channel by then: at its node, or at what stands for it
   */
  public void prepare(
      List<Backend> added, List<Backend> soonHeard, Function<byte[], Backend> nodeSoon) {
    assert worker.inThread();
    subscriptions.prepare(soonHeard, nodeSoon);
    trackings.prepare(added);
  }

  /** A backend is replaced by another of the same server: called before {@link #nodesChanged}. */
  public void handOver(Backend from, Backend to) {
    assert worker.inThread();
    subscriptions.handOver(from, to);
  }

  /** Whether what {@link #prepare} has begun is done, as far as nodes answer. */
  public boolean prepared() {
    assert worker.inThread();
    return subscriptions.settled() && trackings.prepared();
  }

  /** A node is no more; its connections have ended, but for the one that listens. */
  public void forget(Backend backend) {
    assert worker.inThread();
    subscriptions.forget(backend);
  }

  // ---------------------------------------------------------------- connections

  /** The handler of a client's channel. */
  ClientConnection connection(Channel channel) {
    assert worker.inThread();
    return new ClientConnection(this, part, protocol, channel);
  }

  @Override
  public void joined(ClientConnection connection) {
    connections.add(connection);
    part.add(connection.client());
    if (closed) {
      connection.close();
    } else if (drainTurns != null) {
      drainTurns.join(connection, worker.tickMillis());
    }
  }

  @Override
  public void left(ClientConnection connection) {
    connections.remove(connection);
    protocol.left(connection.client());
    part.remove(connection.client());
  }

  @Override
  public Slots slots() {
    return slots;
  }

  @Override
  public void sawForeign(String peer, String error) {
    foreignClients.saw(peer, error);
  }

  // ---------------------------------------------------------------- time

  @Override
  public void onTick(long tickMillis) {
    subscriptions.onTick();
    nodesInfo.onTick(worker.nowNanos());
    trackings.onTick(tickMillis);
    if (cache != null) {
      cache.onTick(tickMillis);
    }
    if (router.learns()) {
      slotsAreLearnt.run();
    }
    slots.redirects().onTick(tickMillis);
    protocol.onTick(tickMillis);
    closeThoseThatHoldMost();
    if (part.pause().isOver(worker.nowNanos())) {
      part.endPause();
    }
    if (drainTurns != null) {
      drainTurns.onTick(tickMillis);
    }
    if (tickMillis >= nextQueueLookMillis) {
      nextQueueLookMillis = tickMillis + QUEUE_LOOK_MILLIS;
      part.insight().onSecond(tickMillis);
      lookAtEach(tickMillis);
    }
  }

  private void lookAtEach(long tickMillis) {
    long queued = 0;
    for (ClientConnection connection : connections) {
      queued += connection.queuedBytes();
      if (connection.looksAway(tickMillis)) {
        lookingAway.add(connection);
      }
      connection.checkUnsentMessages();
    }
    recorder.queuedBytes = queued;
    lookingAway.forEach(each -> each.giveUp(tickMillis)); // which may end with its removal
    lookingAway.clear();
  }

  /**
   * Closes those that hold most, until there is room again, however little {@code
   * limits.unsent-per-client} lets each of them hold; but none that would make no difference.
   */
  private void closeThoseThatHoldMost() {
    while (worker.memoryExcess() > 0) {
      ClientConnection largest = null;
      long most = LITTLE_BYTES;
      for (ClientConnection connection : connections) {
        long held = connection.closed() ? 0 : connection.queuedBytes();
        if (held > most) {
          most = held;
          largest = connection;
        }
      }
      if (largest == null) {
        return;
      }
      largest.closeForMemory();
      worker.giveBackMemory(most);
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * Has every client leave, between two of its requests.
   *
   * @param drainMillis how long that may take, over which they are spread; 0: as soon as each is
   *     owed nothing
   */
  public void drain(long drainMillis) {
    assert worker.inThread();
    drainTurns = new DrainTurns(connections, worker.tickMillis(), drainMillis);
    drainTurns.onTick(worker.tickMillis());
  }

  /** Closes every client now. */
  public void close() {
    assert worker.inThread();
    closed = true;
    keeps(null);
    List.copyOf(connections).forEach(ClientConnection::close);
    slots.redirects().close();
    protocol.close();
    part.insight().close();
  }
}
