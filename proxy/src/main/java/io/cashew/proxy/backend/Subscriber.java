package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one worker listens to at one node, for all its clients together: one connection, opened when
 * there is something to listen to, and again, at a bounded pace, whenever it has ended; then
 * everything is subscribed to anew. Confined to the worker.
 *
 * <p>Its listener is never called from within {@link #join} and {@link #leave}.
 */
public final class Subscriber {
  private static final long FIRST_PAUSE_MILLIS = 50;

  /** Between two questions for what a node does not take at the moment. */
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  /** How long a connection is kept that listens to nothing. */
  private static final long IDLE_MILLIS = 10_000;

  /** Hears what becomes of subscriptions, and what is published. */
  public interface Listener {

    /**
     * The node has confirmed that it sends messages from here on.
     *
     * @param settled whether nothing else that was asked about this subscription is to come
     */
    void onJoined(Subscription subscription, boolean settled);

    /** The node has confirmed that it sends no more messages. */
    void onLeft(Subscription subscription, boolean settled);

    /**
     * The node sends none now, though it should. It is asked again when it can be; then {@link
     * #onJoined} follows.
     */
    void onLost(Subscription subscription, NodeFailure failure);

    /**
     * A message, as a node sends it to a client of RESP2.
     *
     * @param subscription what it was published to, or the pattern that matched
     * @param buf holds it; borrowed
     */
    void onMessage(Subscription subscription, ByteBuf buf, int index, int length);

    /** A message is larger than may be held; it is dropped. */
    void onTooLarge(Subscription subscription);
  }

  /** One subscription as the node knows it. */
  static final class Entry {
    final Subscription subscription;
    boolean wanted;

    /** Whether the node sends messages, as far as its replies have told. */
    boolean joined;

    /** Commands about it that the node has not answered. */
    int asked;

    /** The node does not take it at the moment: when it is asked again, and after which pause. */
    long againTickMillis;

    long againPauseMillis;

    Entry(Subscription subscription) {
      this.subscription = subscription;
    }
  }

  private final Worker worker;
  private Node node;
  private BackendSettings settings;
  private SubscriberSettings subscriberSettings;
  private NodeRecorder recorder;
  private Connector connector;
  private final Listener listener;
  private final Map<Subscription, Entry> entries = new HashMap<>();
  private final Forgetting forgetting = new Forgetting();

  private @Nullable SubscriberConnection connection;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private long nextConnectTickMillis;
  private long idleSinceTickMillis;
  private boolean closed;

  /** A node may have refused what it takes a moment later. */
  private boolean asksAgain;

  /** Somebody waits for the next attempt to connect, or for the circuit to forbid it. */
  private boolean awaitsConnection;

  /** A connection is opened when the name of the node has been looked up. */
  private boolean awaitsAddress;

  Subscriber(
      Worker worker,
      Node node,
      BackendSettings settings,
      SubscriberSettings subscriberSettings,
      NodeRecorder recorder,
      Connector connector,
      Listener listener) {
    this.worker = worker;
    this.node = node;
    this.settings = settings;
    this.subscriberSettings = subscriberSettings;
    this.recorder = recorder;
    this.connector = connector;
    this.listener = listener;
  }

  /** The next connection is opened with these. */
  void adopt(BackendSettings newer, Connector newConnector) {
    settings = newer;
    connector = newConnector;
    SubscriberConnection current = connection;
    if (current != null) {
      current.adopt(newer);
    }
  }

  /** The node has another name, or other settings, from now on; the connection stays. */
  void belongsTo(
      Node newNode, BackendSettings newer, NodeRecorder newRecorder, Connector newConnector) {
    node = newNode;
    recorder = newRecorder;
    adopt(newer, newConnector);
  }

  /** Asks the node for an answer, behind which no message is that was published before. */
  void ping() {
    if (connection != null && connection.ready()) {
      connection.ping();
    }
  }

  /** Whether the node has answered everything, or there is no connection on which it could. */
  boolean owesNothing() {
    return connection == null || !connection.ready() || connection.owesNothing();
  }

  /** Has other limits from now on. */
  public void adopt(SubscriberSettings newer) {
    assert worker.inThread();
    subscriberSettings = newer;
  }

  /** Listens from now on; {@code onJoined} or {@code onLost} follows. */
  public void join(Subscription subscription) {
    assert worker.inThread();
    Entry entry = entries.computeIfAbsent(subscription, Entry::new);
    entry.wanted = true;
    SubscriberConnection current = connection;
    if (current != null) {
      if (current.ready()) {
        current.ask(entry, true);
      }
      return;
    }
    NodeFailure open = node.circuit();
    if (open != null) {
      worker.eventLoop().execute(() -> lose(entry, open));
    } else if (mayConnect(worker.tickMillis())) {
      connect();
    } else {
      awaitsConnection = true;
    }
  }

  /**
   * Listens no more.
   *
   * @return whether the node has to be asked for that, so that {@code onLeft} or {@code onLost}
   *     follows
   */
  public boolean leave(Subscription subscription) {
    assert worker.inThread();
    Entry entry = entries.get(subscription);
    if (entry == null || !entry.wanted) {
      return entry != null;
    }
    entry.wanted = false;
    SubscriberConnection current = connection;
    if (current != null && current.ready() && (entry.joined || entry.asked > 0)) {
      current.ask(entry, false);
      forgetting.tell();
      return true;
    }
    entries.remove(subscription);
    return false;
  }

  /**
   * Waits until the node has forgotten all that has been left by now.
   *
   * @param done takes null, or why the node has not answered; within this call if there is nothing
   *     to wait for
   */
  public void whenForgotten(Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    forgetting.whenForgotten(done);
  }

  /** Not where the name of the node has moved to: who takes its place listens there already. */
  private boolean mayConnect(long tickMillis) {
    return tickMillis >= nextConnectTickMillis && !awaitsAddress && !node.address().moved();
  }

  private void lose(Entry entry, NodeFailure failure) {
    if (entry.wanted && !entry.joined && connection == null) {
      listener.onLost(entry.subscription, failure);
    }
  }

  private void connect() {
    awaitsConnection = false;
    nextConnectTickMillis = worker.tickMillis() + pauseMillis;
    awaitsAddress = true;
    connector.whenAddressKnown(this::connectToAddress);
  }

  private void connectToAddress() {
    awaitsAddress = false;
    if (closed || node.address().moved()) {
      return;
    }
    SocketAddress address = node.address().current();
    if (address == null) {
      node.address().refresh();
      failLater(node.unresolved());
      return;
    }
    Channel channel;
    try {
      channel = connector.channelTo(address, true);
    } catch (ChannelException e) { // no file descriptor is left: not the node's fault
      recorder.connectFailures++;
      failLater(node.connectFailure(e));
      return;
    }
    recorder.connects++;
    SubscriberConnection next =
        new SubscriberConnection(worker, node, settings, recorder, this, channel);
    connection = next;
    next.connect(connector);
  }

  private void failLater(NodeFailure failure) {
    lengthenPause();
    worker
        .eventLoop()
        .execute(() -> List.copyOf(entries.values()).forEach(entry -> lose(entry, failure)));
  }

  /** Each attempt that fails makes the next one wait longer, with jitter. */
  private void lengthenPause() {
    long jitter = ThreadLocalRandom.current().nextLong(pauseMillis / 5 + 1);
    nextConnectTickMillis = worker.tickMillis() + pauseMillis - jitter;
    pauseMillis =
        Math.min(
            2 * pauseMillis, Math.max(FIRST_PAUSE_MILLIS, subscriberSettings.reconnectMaxMillis()));
  }

  long messageMax() {
    return subscriberSettings.messageMax();
  }

  Listener listener() {
    return listener;
  }

  /** The connection can be used: everything is asked for. */
  void onReady(SubscriberConnection ready) {
    for (Entry entry : entries.values()) {
      ready.ask(entry, true);
    }
  }

  @Nullable Entry entry(Subscription subscription) {
    return entries.get(subscription);
  }

  /** The node has answered a command about a subscription. */
  void onAnswered(Entry entry, boolean joins) {
    entry.asked--;
    entry.joined = joins;
    entry.againPauseMillis = 0;
    boolean settled = entry.asked == 0;
    if (settled && !entry.wanted) {
      entries.remove(entry.subscription);
    }
    if (joins) {
      listener.onJoined(entry.subscription, settled);
    } else {
      listener.onLeft(entry.subscription, settled);
      forgetting.answer();
    }
  }

  /** The node has refused a command about a subscription, with this error. */
  void onRefused(Entry entry, boolean joins, NodeFailure failure) {
    entry.asked--;
    if (entry.asked == 0 && !entry.wanted) {
      entries.remove(entry.subscription);
    }
    if (joins && failure.verdict().notExecuted()) {
      askLater(entry);
    }
    listener.onLost(entry.subscription, failure);
    if (!joins) {
      forgetting.answer();
    }
  }

  /** The node has taken a subscription away, of which nothing was asked. */
  void onRevoked(Subscription subscription, NodeFailure failure) {
    Entry entry = entries.get(subscription);
    if (entry != null && entry.joined) {
      entry.joined = false;
      askLater(entry);
      listener.onLost(subscription, failure);
    }
  }

  private void askLater(Entry entry) {
    entry.againPauseMillis =
        Math.min(Math.max(FIRST_PAUSE_MILLIS, 2 * entry.againPauseMillis), LONGEST_PAUSE_MILLIS);
    entry.againTickMillis = worker.tickMillis() + entry.againPauseMillis;
    asksAgain = true;
  }

  void onClosed(SubscriberConnection ended, NodeFailure cause, boolean early, long readyMillis) {
    assert connection == ended;
    connection = null;
    if (readyMillis >= subscriberSettings.reconnectMaxMillis()) {
      pauseMillis = FIRST_PAUSE_MILLIS;
    }
    lengthenPause();
    if (!closed && cause.kind() != FailureKind.STOPPING) {
      node.address().refresh();
      if (cause.kind() == FailureKind.TIMEOUT) {
        node.timedOut(cause);
      } else if (early) {
        node.fail(cause);
      }
    }
    for (Entry entry : List.copyOf(entries.values())) {
      entry.joined = false;
      entry.asked = 0;
      if (!entry.wanted) {
        entries.remove(entry.subscription);
      }
      listener.onLost(entry.subscription, cause);
    }
    forgetting.end(cause);
  }

  void onTick(long tickMillis) {
    SubscriberConnection current = connection;
    if (!entries.isEmpty()) {
      idleSinceTickMillis = tickMillis;
    }
    if (current != null) {
      if (tickMillis - idleSinceTickMillis > IDLE_MILLIS) {
        current.fail(node.failure(FailureKind.STOPPING, "Nobody listens any more"), false);
      } else {
        current.onTick(tickMillis);
        if (asksAgain && current.ready()) {
          askAgain(current, tickMillis);
        }
      }
    } else if (!entries.isEmpty() && !closed) {
      NodeFailure open = node.circuit();
      if (open == null && mayConnect(tickMillis)) {
        connect();
      } else if (open != null && awaitsConnection) {
        awaitsConnection = false;
        List.copyOf(entries.values()).forEach(entry -> lose(entry, open));
      }
    }
  }

  /** Asks for what the node did not take: its slot may be back, or its Cluster well again. */
  private void askAgain(SubscriberConnection current, long tickMillis) {
    asksAgain = false;
    for (Entry entry : List.copyOf(entries.values())) {
      if (entry.wanted && !entry.joined && entry.asked == 0 && entry.againPauseMillis > 0) {
        if (tickMillis >= entry.againTickMillis) {
          current.ask(entry, true);
        } else {
          asksAgain = true;
        }
      }
    }
  }

  void close() {
    closed = true;
    SubscriberConnection current = connection;
    if (current != null) {
      current.fail(node.failure(FailureKind.STOPPING, "The proxy is stopping"), false);
    }
  }
}
