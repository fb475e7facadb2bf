package io.cashew.proxy.client;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.backend.SubscriberSettings;
import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one pool on one worker, and what they share: router, settings, the frame that
 * requests are decoded into, free slots. Confined to the worker.
 */
public final class ClientPool implements TickListener {
  /** Looking at each of many clients is not for every tick. */
  private static final long QUEUE_LOOK_MILLIS = 1000;

  /** A client that holds no more is not to blame when memory is short. */
  private static final long LITTLE_BYTES = 16 << 10;

  private static final int MAX_FREE_SLOTS = 16 << 10;

  private final Worker worker;
  private final ProxyFacts facts;
  private ClientSettings settings;
  private CommandTable commands;
  private LocalCommands localCommands;
  private ServerFacts servers = ServerFacts.UNKNOWN;

  /** Those of {@link #commands} that clients are told of; null: to be found out. */
  private @Nullable CommandTable published;

  private final AccessGuard guard;
  private final Router router;
  private final Subscriptions subscriptions;
  private PubSubRequests pubSubRequests;
  private final PoolRecorder recorder;
  private final ForeignClients foreignClients;
  private final ClientDirectory directory;
  private final Pause pause;
  private final Departures departures = new Departures(this);
  private final RequestInsight insight;
  private final NodesInfo nodesInfo = new NodesInfo();
  private final RequestFrame frame = new RequestFrame();
  private final ArrayDeque<ReplySlot> freeSlots = new ArrayDeque<>();
  private final Set<ClientHandler> clients = new LinkedHashSet<>();
  private final Set<Tracker> trackers = new LinkedHashSet<>();
  private final List<ClientHandler> lookingAway = new ArrayList<>();

  /** Since the pool drains; null: it does not. */
  private @Nullable DrainTurns drainTurns;

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
    this.settings = settings;
    this.commands = commands;
    facts = proxy;
    localCommands = new LocalCommands(commands, proxy);
    guard = new AccessGuard(users, aclLog, failedLogins);
    this.router = router;
    this.recorder = recorder;
    subscriptions =
        new Subscriptions(worker, router, recorder, counts, subscriberSettings(settings));
    pubSubRequests = new PubSubRequests(commands, subscriptions);
    foreignClients = new ForeignClients(settings.pool());
    this.directory = directory;
    pause = new Pause(commands, directory.scripts());
    this.insight = new RequestInsight(this, insight);
    directory.add(this);
  }

  Worker worker() {
    return worker;
  }

  ClientSettings settings() {
    return settings;
  }

  CommandTable commands() {
    return commands;
  }

  /** The commands of which clients are told that they are there. */
  CommandTable publishedCommands() {
    CommandTable known = published;
    if (known == null) {
      published = known = PublishedCommands.of(commands, servers);
    }
    return known;
  }

  /** What all servers of the pool have in common. */
  ServerFacts servers() {
    return servers;
  }

  /** The servers have this in common from now on. */
  public void install(ServerFacts common) {
    assert worker.inThread();
    if (!common.equals(servers)) {
      servers = common;
      published = null;
    }
  }

  LocalCommands localCommands() {
    return localCommands;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  PubSubRequests pubSubRequests() {
    return pubSubRequests;
  }

  private static SubscriberSettings subscriberSettings(ClientSettings settings) {
    return new SubscriberSettings(
        settings.reconnectMaxMillis(), settings.unsentBytesOfSubscriber());
  }

  /** The router has another table. */
  public void routesChanged() {
    assert worker.inThread();
    subscriptions.routesChanged();
    for (Tracker tracker : List.copyOf(trackers)) {
      tracker.follow(router.backends());
    }
  }

  /** What {@link #prepare} was for is so now; the router may have another table. */
  public void preparedIsInstalled() {
    subscriptions.preparedIsInstalled();
    routesChanged();
  }

  /** The router has other nodes: after this no request goes to those that are no more. */
  public void nodesChanged() {
    nodesInfo.forget();
    preparedIsInstalled();
    clients().forEach(ClientHandler::routesChanged);
  }

  /**
   * Connects what clients listen to, and what is told of the keys that they have read, to nodes
   * that are soon to be used.
   *
   * @param added what is used soon and is not yet
   * @param soonHeard those to listen to by then that no other backend of the server stands for
   * @param soon where to listen to each node of the topology: itself, or what stands for it
   * @param topology to route by then
   */
  public void prepare(
      List<Backend> added, List<Backend> soonHeard, List<Backend> soon, Topology topology) {
    assert worker.inThread();
    subscriptions.prepare(soonHeard, channel -> soon.get(topology.shardForChannel(channel)));
    trackers.forEach(tracker -> tracker.prepare(added));
  }

  /** A backend is replaced by another of the same server: called before {@link #nodesChanged}. */
  public void handOver(Backend from, Backend to) {
    assert worker.inThread();
    subscriptions.handOver(from, to);
  }

  /** Whether what {@link #prepare} has begun is done, as far as nodes answer. */
  public boolean prepared() {
    assert worker.inThread();
    return subscriptions.settled() && trackers.stream().allMatch(Tracker::settled);
  }

  /** A node is no more; its connections have ended, but for the one that listens. */
  public void forget(Backend backend) {
    assert worker.inThread();
    subscriptions.forget(backend);
  }

  /** Has other settings from now on, those who are connected included. */
  public void install(ClientSettings newSettings) {
    assert worker.inThread();
    settings = newSettings;
    subscriptions.adopt(subscriberSettings(newSettings));
    clients().forEach(ClientHandler::settingsChanged);
  }

  /** Knows other commands from now on; the users that go with them are to be installed next. */
  public void install(CommandTable newCommands) {
    assert worker.inThread();
    commands = newCommands;
    published = null;
    localCommands = new LocalCommands(newCommands, facts);
    pubSubRequests = new PubSubRequests(newCommands, subscriptions);
    pause.commands(newCommands);
  }

  /** Where a request goes now that was sent before. */
  Backend backendOf(ByteBuf request) {
    RequestFrame again = new RequestFrame();
    Command command =
        new RequestDecoder(settings.limits())
                .decode(request, request.readerIndex(), request.writerIndex(), again)
            ? commands.find(again)
            : null;
    int node = command == null ? Router.NO_KEYS : router.nodeOf(again, command);
    return router.backends().get(node < 0 ? router.keylessNode() : node);
  }

  /** Says who may do what. */
  AccessGuard guard() {
    return guard;
  }

  /**
   * Has other users from now on. A client goes on as the user of its name with that one's rights,
   * and is closed, after the replies that it is owed, if there is no such user any more or it is
   * off.
   */
  public void install(Users users) {
    assert worker.inThread();
    guard.users(users);
    for (ClientHandler client : List.copyOf(clients)) {
      client.usersChanged(users);
    }
  }

  Router router() {
    return router;
  }

  PoolRecorder recorder() {
    return recorder;
  }

  ForeignClients foreignClients() {
    return foreignClients;
  }

  ClientDirectory directory() {
    return directory;
  }

  /** Looks at requests as they begin and end. */
  RequestInsight insight() {
    return insight;
  }

  /** What was found of keys on this worker up to a second ago; from any thread. */
  public TopKeys topKeys() {
    return insight.topKeys();
  }

  /** What its nodes say of themselves. */
  NodesInfo nodesInfo() {
    return nodesInfo;
  }

  /** Which requests have to wait. */
  Pause pause() {
    return pause;
  }

  /** Finds clients that have left. */
  Departures departures() {
    return departures;
  }

  /** The clients of this worker. */
  List<ClientHandler> clients() {
    assert worker.inThread();
    return List.copyOf(clients);
  }

  /** No request has to wait any more. */
  void endPause() {
    pause.end();
    clients().forEach(ClientHandler::pauseIsOver);
  }

  /** The frame of whichever request is being handled; it is read before the next is decoded. */
  RequestFrame frame() {
    return frame;
  }

  ReplySlot takeSlot(ReplyQueue queue, boolean muted, long place) {
    ReplySlot slot = freeSlots.poll();
    if (slot == null) {
      slot = new ReplySlot(this);
    }
    slot.take(queue, muted, place);
    return slot;
  }

  void giveSlot(ReplySlot slot) {
    if (freeSlots.size() < MAX_FREE_SLOTS) {
      freeSlots.push(slot);
    }
  }

  void add(ClientHandler client) {
    clients.add(client);
    directory.add(client);
    recorder.clients++;
    recorder.clientsAccepted++;
    if (closed) {
      client.close();
    } else if (drainTurns != null) {
      drainTurns.join(client, worker.tickMillis());
    }
  }

  void remove(ClientHandler client) {
    if (clients.remove(client)) {
      directory.remove(client);
      recorder.clients--;
    }
  }

  @Override
  public void onTick(long tickMillis) {
    subscriptions.onTick();
    nodesInfo.onTick(worker.nowNanos());
    for (Tracker tracker : List.copyOf(trackers)) {
      tracker.onTick(tickMillis);
    }
    closeThoseThatHoldMost();
    if (pause.isOver(worker.nowNanos())) {
      endPause();
    }
    if (drainTurns != null) {
      drainTurns.onTick(tickMillis);
    }
    if (tickMillis >= nextQueueLookMillis) {
      nextQueueLookMillis = tickMillis + QUEUE_LOOK_MILLIS;
      insight.onSecond(tickMillis);
      long queued = 0;
      for (ClientHandler client : clients) {
        queued += client.queuedBytes();
        if (client.looksAway(tickMillis)) {
          lookingAway.add(client);
        }
        client.checkUnsentMessages();
      }
      recorder.queuedBytes = queued;
      lookingAway.forEach(client -> client.giveUp(tickMillis)); // which may end with its removal
      lookingAway.clear();
    }
  }

  /** The own connections of those clients that have some. */
  Set<Tracker> trackers() {
    return trackers;
  }

  /**
   * Closes those that hold most, until there is room again, however little {@code
   * limits.unsent-per-client} lets each of them hold; but none that would make no difference.
   */
  private void closeThoseThatHoldMost() {
    while (worker.memoryExcess() > 0) {
      ClientHandler largest = null;
      long most = LITTLE_BYTES;
      for (ClientHandler client : clients) {
        long held = client.closed() ? 0 : client.queuedBytes();
        if (held > most) {
          most = held;
          largest = client;
        }
      }
      if (largest == null) {
        return;
      }
      largest.closeForMemory();
      worker.giveBackMemory(most);
    }
  }

  /**
   * Has every client leave, between two of its requests.
   *
   * @param drainMillis how long that may take, over which they are spread; 0: as soon as each is
   *     owed nothing
   */
  public void drain(long drainMillis) {
    assert worker.inThread();
    drainTurns = new DrainTurns(clients, worker.tickMillis(), drainMillis);
    drainTurns.onTick(worker.tickMillis());
  }

  /** Closes every client now. */
  public void close() {
    assert worker.inThread();
    closed = true;
    for (ClientHandler client : clients()) {
      client.close();
    }
    insight.close();
  }
}
