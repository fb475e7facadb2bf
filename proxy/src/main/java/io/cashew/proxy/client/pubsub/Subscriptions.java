package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.Subscriber;
import io.cashew.proxy.backend.SubscriberSettings;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Keeper;
import io.cashew.proxy.client.Traces;
import io.cashew.proxy.client.pubsub.Topic.AtNode;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of one pool on one worker listen to, together. Confined to the worker.
 *
 * <p>Channels and patterns are listened to on every node: scripts and keyspace notifications
 * publish on the node where they run. A message is published on exactly one node, so each comes
 * exactly once. Of nodes that hold the same data only one is listened to ({@link
 * Router#readers()}), since each has every message. Shard channels are listened to on their own
 * node only. Of a Cluster one node is listened to ({@link ClusterBuses}), and all for what they
 * tell of changes of their keys.
 */
public final class Subscriptions implements Keeper, Traces {
  /**
   * How long a channel's confirmation waits for the nodes that are not its own: so that what a
   * script publishes there is not missed, and no longer, since such a node may be hung.
   */
  private static final long PATIENCE_MILLIS = 100;

  /** A message from this size on is given to its receivers as slices of one copy of it. */
  private static final int SHARED_FROM = 8 << 10;

  private final Worker worker;
  private final Router router;
  private final PoolRecorder recorder;
  private final SubscriptionCounts counts;
  private SubscriberSettings settings;
  private final ClusterBuses buses;
  private final Map<Subscription, Topic> topics = new HashMap<>();

  /** Of clients that have subscribed once. */
  private final IdentityHashMap<Client, ClientSubscriptions> ofClients = new IdentityHashMap<>();

  private final Map<Backend, Subscriber> nodes = new HashMap<>();
  private final Map<Backend, NodeListener> listeners = new HashMap<>();
  private final Set<Topic> waitedFor = new HashSet<>();

  /** Nodes that are listened to for the time after a change that has not come yet. */
  private final Set<Backend> prepared = new HashSet<>();

  public Subscriptions(
      Worker worker,
      Router router,
      PoolRecorder recorder,
      SubscriptionCounts counts,
      SubscriberSettings settings) {
    this.worker = worker;
    this.router = router;
    this.recorder = recorder;
    this.counts = counts;
    this.settings = settings;
    buses = new ClusterBuses(router);
  }

  /** The node where a message is published: an index into {@link Router#backends()}. */
  int nodeFor(SubscriptionKind kind, byte[] name) {
    int node = router.nodeForChannel(name);
    Backend own = router.backends().get(node);
    Backend at = kind == SubscriptionKind.SHARD_CHANNEL ? own : buses.standsFor(own);
    return at == own ? node : router.backends().indexOf(at);
  }

  SubscriptionCounts counts() {
    return counts;
  }

  /** What is listened to under this name, from now on if it was not yet. */
  Topic topic(Subscription subscription) {
    Topic topic = topics.get(subscription);
    if (topic == null) {
      Audience audience = counts.add(worker.index(), subscription);
      topic = new Topic(subscription, audience, home(subscription), buses);
      topics.put(subscription, topic);
    }
    boolean begins = topic.isDeserted();
    for (Backend node : router.readers()) {
      if (begins && topic.isAt(node)) {
        join(topic, node);
      }
    }
    if (begins) {
      topic.patientUntilMillis = 0;
      release(topic);
    }
    return topic;
  }

  /** The server where that is published. */
  Backend home(Subscription subscription) {
    return router.backends().get(nodeFor(subscription.kind(), subscription.name()));
  }

  private void join(Topic topic, Backend node) {
    topic.set(node, AtNode.JOINING);
    subscriber(node).join(topic.subscription);
  }

  private void leave(Topic topic, Backend node) {
    if (topic.at(node) != AtNode.NONE && topic.at(node) != AtNode.LEAVING) {
      boolean asked = subscriber(node).leave(topic.subscription);
      topic.set(node, asked ? AtNode.LEAVING : AtNode.NONE);
    }
  }

  private Subscriber subscriber(Backend node) {
    Subscriber known = nodes.get(node);
    if (known == null) {
      NodeListener listener = new NodeListener(node, isHeard(node));
      known = node.subscribe(settings, listener);
      nodes.put(node, known);
      listeners.put(node, listener);
    }
    return known;
  }

  /** Those that wait for the end of a topic need not, if it begins anew. */
  private static void release(Topic topic) {
    for (SubscriptionRequest request : List.copyOf(topic.leaving)) {
      topic.leaving.remove(request);
      request.settled(topic);
    }
  }

  void add(Topic topic, Client client) {
    topic.clients.add(client);
    topic.audience.clients(topic.clients.size());
    count(topic, 1);
  }

  /** The client, which has forgotten the topic, hears no more of it. */
  void remove(Topic topic, Client client) {
    topic.clients.remove(client);
    topic.audience.clients(topic.clients.size());
    count(topic, -1);
    dropIfDeserted(topic);
  }

  private void count(Topic topic, int change) {
    if (topic.subscription.kind() == SubscriptionKind.PATTERN) {
      recorder.patternSubscriptions += change;
    } else {
      recorder.channelSubscriptions += change;
    }
  }

  void dropIfDeserted(Topic topic) {
    if (topic.isDeserted()) {
      waitedFor.remove(topic);
      List.copyOf(nodes.keySet()).forEach(node -> leave(topic, node));
      look(topic);
    }
  }

  /** What a client listens to. */
  ClientSubscriptions of(Client client) {
    assert worker.inThread();
    return ofClients.computeIfAbsent(client, listens -> new ClientSubscriptions());
  }

  /** What a client listens to has changed: its session tells how much that is. */
  void changed(Client client) {
    ClientSubscriptions its = of(client);
    client.subscribed(
        its.count(SubscriptionKind.CHANNEL),
        its.count(SubscriptionKind.PATTERN),
        its.count(SubscriptionKind.SHARD_CHANNEL));
  }

  @Override
  public void forget(Client client) {
    ClientSubscriptions its = ofClients.remove(client);
    if (its == null) {
      return;
    }
    SubscriptionRequest pending = its.pending;
    if (pending != null) {
      pending.cancel();
    }
    for (Topic topic : its.all()) {
      its.remove(topic.subscription);
      remove(topic, client);
    }
    client.subscribed(0, 0, 0);
  }

  /** Tells those that wait for a topic how things stand. */
  void look(Topic topic) {
    if (!topic.isDeserted()) {
      if (!topic.joining.isEmpty()) {
        tellJoining(topic);
      }
      return;
    }
    if (topic.forgotten()) {
      release(topic);
    }
    if (topic.isDeserted() && !topic.any(AtNode.LEAVING)) {
      topics.remove(topic.subscription);
      counts.remove(worker.index(), topic.subscription);
    }
  }

  private void tellJoining(Topic topic) {
    waitedFor.remove(topic);
    switch (topic.verdict(worker.tickMillis(), PATIENCE_MILLIS)) {
      case YES -> List.copyOf(topic.joining).forEach(request -> request.settled(topic));
      case NO -> {
        NodeFailure failure = topic.failure();
        List.copyOf(topic.joining).forEach(request -> request.failed(topic, failure));
      }
      case NOT_YET -> {
        if (topic.patientUntilMillis > 0 || topic.movesUntilMillis > 0) {
          waitedFor.add(topic);
        }
      }
    }
  }

  public void onTick() {
    if (!topics.isEmpty() && buses.leaveWhoIsLost()) {
      routesChanged();
    }
    if (!waitedFor.isEmpty()) {
      List.copyOf(waitedFor).forEach(this::look);
    }
  }

  /**
   * Keys go elsewhere from now on: so do the messages of shard channels. Or another of the nodes
   * that hold the same data is the one that is asked.
   */
  public void routesChanged() {
    listeners.forEach((node, listener) -> listener.isHeard = isHeard(node));
    for (Topic topic : List.copyOf(topics.values())) {
      topic.homeIs(home(topic.subscription), worker.tickMillis());
      if (!topic.isDeserted()) {
        for (Backend node : List.copyOf(nodes.keySet())) {
          // What is published on a retired one before its end is still listened to.
          boolean stays = (node.retired() && isHeard(node)) || prepared.contains(node);
          if (!stays && !(router.readers().contains(node) && topic.isAt(node))) {
            leave(topic, node);
          }
        }
        joinWhereItIsMissed(topic, router.readers());
      }
      look(topic);
    }
  }

  /** Whether the messages of a node are given to anybody: not if another node gives the same. */
  private boolean isHeard(Backend node) {
    for (Backend reader : router.readers()) {
      if (reader == node) {
        return true;
      }
      if (reader.node().isSameServerAs(node.node())) {
        return false;
      }
    }
    return !router.table().anyShardWillDo(node, node);
  }

  private void joinWhereItIsMissed(Topic topic, List<Backend> backends) {
    for (Backend node : backends) {
      if (topic.isAt(node) && (topic.at(node) == AtNode.NONE || topic.at(node) == AtNode.LEAVING)) {
        join(topic, node);
      }
    }
  }

  /**
   * Listens already where keys are soon to go.
   *
   * @param soonHeard nodes that are to be listened to then
   * @param nodeSoon the node of a channel then
   */
  public void prepare(List<Backend> soonHeard, Function<byte[], Backend> nodeSoon) {
    prepared.addAll(soonHeard);
    Backend busSoon = buses.nodeAmong(soonHeard);
    for (Topic topic : topics.values()) {
      if (topic.isDeserted()) {
        continue;
      }
      if (topic.subscription.kind() == SubscriptionKind.SHARD_CHANNEL) {
        Backend soon = nodeSoon.apply(topic.subscription.name());
        prepared.add(soon);
        if (isTakenOver(topic.home(), soon, soonHeard)) {
          topic.homeWillBe(soon);
        }
        if (topic.at(soon) == AtNode.NONE) {
          join(topic, soon);
        }
        continue;
      }
      if (busSoon != null && busSoon.node().pool().equals(topic.home().node().pool())) {
        topic.homeWillBe(busSoon);
      }
      if (busSoon == null || ClusterBus.mayBeOfKeyspace(topic.subscription)) {
        joinWhereItIsMissed(topic, soonHeard);
      } else if (topic.at(busSoon) == AtNode.NONE) {
        join(topic, busSoon);
      }
    }
  }

  /** Whether a replica takes over in a Cluster: it and its primary give each other messages. */
  private boolean isTakenOver(Backend home, Backend soon, List<Backend> soonHeard) {
    return buses.has(home) && !soonHeard.contains(home) && !router.readers().contains(soon);
  }

  /** What was prepared is what the router has, from now on. */
  public void preparedIsInstalled() {
    prepared.clear();
  }

  /** A backend is replaced by another of the same server, which goes on listening. */
  public void handOver(Backend from, Backend to) {
    Subscriber subscriber = nodes.remove(from);
    NodeListener listener = listeners.remove(from);
    if (subscriber == null || listener == null) {
      return;
    }
    to.listenInsteadOf(from, subscriber);
    listener.node = to;
    nodes.put(to, subscriber);
    listeners.put(to, listener);
    topics.values().forEach(topic -> topic.move(from, to));
  }

  /** Whether no node is waited for to confirm. */
  public boolean settled() {
    return topics.values().stream().noneMatch(topic -> topic.any(AtNode.JOINING));
  }

  /** A node is no more, and what it was told is forgotten with its connection. */
  public void forget(Backend node) {
    Subscriber subscriber = nodes.remove(node);
    if (subscriber != null) {
      node.unsubscribe(subscriber);
      listeners.remove(node);
      for (Topic topic : List.copyOf(topics.values())) {
        topic.forget(node);
        topic.audience.joined(node.node(), false);
        look(topic);
      }
    }
  }

  /** Has other limits from now on. */
  public void adopt(SubscriberSettings newer) {
    settings = newer;
    nodes.values().forEach(node -> node.adopt(newer));
  }

  @Override
  public boolean mayBeAt(Node node) {
    return !counts.isEmpty(worker.index());
  }

  @Override
  public void whenForgotten(Node node, Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    for (Map.Entry<Backend, Subscriber> each : nodes.entrySet()) {
      if (each.getKey().node() == node) {
        each.getValue().whenForgotten(done);
        return;
      }
    }
    done.accept(null);
  }

  /** Gives a message to everybody who listens; borrows it. */
  private void deliver(Topic topic, ByteBuf buf, int index, int length) {
    recorder.messagesDelivered += topic.clients.size();
    boolean mustCopy = length >= SHARED_FROM && buf.capacity() > 2 * length;
    if (!mustCopy) {
      topic.clients.forEach(client -> client.push(buf, index, length));
      return;
    }
    // Slices of the receive buffer would keep all of it, as long as the slowest client takes.
    ByteBuf copy = worker.allocator().directBuffer(length, length).writeBytes(buf, index, length);
    try {
      topic.clients.forEach(client -> client.push(copy, 0, length));
    } finally {
      copy.release();
    }
  }

  /** A shard channel is not where it was: its slot may be elsewhere. */
  private void tellWhereItWas(Topic topic, Backend node) {
    if (topic.subscription.kind() == SubscriptionKind.SHARD_CHANNEL && buses.has(node)) {
      int group = router.table().groupOf(topic.subscription.name());
      node.node().moved(router.table().slotOf(group), "");
    }
  }

  /** What is told here of one node. */
  private final class NodeListener implements Subscriber.Listener {
    private Backend node;

    /** Else another node has the same messages, which are given once. */
    private boolean isHeard;

    NodeListener(Backend node, boolean isHeard) {
      this.node = node;
      this.isHeard = isHeard;
    }

    /** Null also for a node that is no more. */
    private @Nullable Topic known(Subscription subscription) {
      return nodes.containsKey(node) ? topics.get(subscription) : null;
    }

    @Override
    public void onJoined(Subscription subscription, boolean settled) {
      Topic topic = known(subscription);
      if (topic != null) {
        topic.audience.joined(node.node(), true);
        boolean wanted = topic.at(node) == AtNode.JOINING || topic.at(node) == AtNode.LOST;
        if (settled && wanted) {
          topic.set(node, AtNode.LISTENING);
        }
        look(topic);
      }
    }

    @Override
    public void onLeft(Subscription subscription, boolean settled) {
      Topic topic = known(subscription);
      if (topic != null) {
        topic.audience.joined(node.node(), false);
        if (settled && topic.at(node) == AtNode.LEAVING) {
          topic.set(node, AtNode.NONE);
        }
        look(topic);
      }
    }

    @Override
    public void onLost(Subscription subscription, NodeFailure failure) {
      Topic topic = known(subscription);
      if (topic != null) {
        topic.audience.joined(node.node(), false);
        if (topic.at(node) == AtNode.LEAVING) {
          topic.set(node, AtNode.NONE);
        } else if (topic.at(node) != AtNode.NONE) {
          topic.lost(node, failure, worker.tickMillis());
          tellWhereItWas(topic, node);
        }
        look(topic);
      }
    }

    @Override
    public void onMessage(Subscription subscription, ByteBuf buf, int index, int length) {
      Topic topic = topics.get(subscription);
      if (topic != null
          && isHeard
          && topic.passesOn(node, buf, index, length, worker.tickMillis())) {
        deliver(topic, buf, index, length);
      }
    }

    @Override
    public void onTooLarge(Subscription subscription) {
      Topic topic = topics.get(subscription);
      if (topic != null) {
        topic.clients.forEach(Client::closeSlowSubscriber);
      }
    }
  }
}
