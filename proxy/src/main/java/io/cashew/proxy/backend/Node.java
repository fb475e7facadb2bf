package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One Redis server as all workers see it: its name, its address and its circuit. Shared: the
 * circuit, the counts and the pace of connecting are the only state that workers write together;
 * the control thread writes what the server has said of itself.
 *
 * <p>The circuit opens at once when the node refuses a connection or ends one before it has
 * answered anything, and after {@code failureLimit} time-outs in a row. While it is open every
 * request gets the same error without touching the network. Whoever listens decides when to probe
 * and closes it again.
 */
public final class Node {

  /** Hears of circuits, on the thread of the worker that saw the failure. */
  public interface Listener {

    /** The circuit has just opened; called once until it is closed again. */
    void circuitOpened(Node node, NodeFailure cause);

    /**
     * Its server has said that a slot is elsewhere.
     *
     * @param slot which
     * @param address where, as the server says
     */
    default void moved(Node node, int slot, String address) {}

    /** Its server is there and takes no requests; called at least once until that is looked at. */
    default void refuses(Node node, Verdict verdict) {}
  }

  /**
   * Another server has taken over in less: Sentinel takes one to two seconds where nothing fails.
   */
  public static final long REPLACEMENT_MILLIS = 3000;

  /** Of all nodes: how often a circuit, or how long requests wait for one, has changed. */
  private static final AtomicInteger CHANGES = new AtomicInteger();

  /** Its own name, that of its pool, and both. */
  private record Names(String pool, String name, String full) {}

  private final Names names;
  private final NodeAddress address;

  /** It copies another server, and takes requests that only read. */
  private final boolean isReplica;

  /** Written by the control thread. */
  private volatile ReadState reads = ReadState.UNKNOWN;

  /** It has no server: its circuit is open for as long as it lives. */
  private final boolean isNobody;

  private volatile int failureLimit;

  /** See {@link #failoverWaitMillis()}. */
  private volatile long failoverWaitMillis;

  /** See {@link #writesWaitMillis()}. */
  private volatile long writesWaitMillis;

  /** See {@link #isBeingReplaced(boolean)}. */
  private volatile boolean beingReplaced;

  private final Listener listener;

  // A report missed in a race is harmless: the next time-out counts.
  private final AtomicInteger timeoutsInARow = new AtomicInteger();
  private volatile @Nullable NodeFailure open;

  /** How often a connection was lent, for each kind of which one ever was. */
  private final ConcurrentMap<Integer, Long> leases = new ConcurrentHashMap<>();

  private final AtomicInteger period = new AtomicInteger(1);
  private final AtomicInteger mayBeAnother = new AtomicInteger();
  private volatile @Nullable ServerFacts facts;

  /** Its server is one of a Cluster, and somebody has been told. */
  private volatile boolean spokeOfSlots;

  /** Workers with clients that wait there for a key, or have left and are not forgotten yet. */
  private final Set<Integer> workersThatWait = ConcurrentHashMap.newKeySet();

  /** Workers that wait for a script on it which does not end. */
  private final AtomicInteger longScripts = new AtomicInteger();

  private final ConnectPace connectPace = new ConnectPace(System.nanoTime());

  /**
   * A node whose circuit is closed.
   *
   * @param pool name of its pool, for messages
   * @param name its name in the pool
   * @param address where it is
   * @param failureLimit time-outs in a row that open the circuit
   * @param listener hears when it opens
   */
  public Node(String pool, String name, NodeAddress address, int failureLimit, Listener listener) {
    this(pool, name, address, failureLimit, listener, false);
  }

  /** A server that copies the one that takes the node's writes; otherwise the same. */
  public static Node replica(String pool, String name, NodeAddress address, Listener listener) {
    return new Node(pool, name, address, 1, listener, true);
  }

  private Node(
      String pool,
      String name,
      NodeAddress address,
      int failureLimit,
      Listener listener,
      boolean isReplica) {
    this.isReplica = isReplica;
    names = new Names(pool, name, pool + "/" + name);
    this.address = address;
    isNobody = address.isNobody();
    this.failureLimit = failureLimit;
    this.listener = listener;
  }

  /** The pool's name. */
  public String pool() {
    return names.pool();
  }

  /** The node's name in its pool. */
  public String name() {
    return names.name();
  }

  /** The name of its pool and its own: no other node has both. */
  public String fullName() {
    return names.full();
  }

  /** Its name for clients of a pool, whose routes may lead to pools with nodes of equal names. */
  public String nameIn(String ofClients) {
    return names.pool().equals(ofClients) ? names.name() : names.full();
  }

  /** Where it is. */
  public NodeAddress address() {
    return address;
  }

  /** Whether it copies the server that takes the node's writes. */
  public boolean isReplica() {
    return isReplica;
  }

  /** How well it may be read from, as was found last. */
  public ReadState reads() {
    return reads;
  }

  /** It may be read from like this. */
  public void reads(ReadState now) {
    reads = now;
  }

  /**
   * Whether both are names of one server, as far as can be told now: they have one address, or the
   * processes that answer at their addresses have said that they are the same.
   */
  public boolean isSameServerAs(Node other) {
    SocketAddress here = address.home();
    if (here != null && here.equals(other.address.home())) {
      return true;
    }
    String process = runId();
    return process != null && process.equals(other.runId());
  }

  /** Of the process that answers at its address; null: not known. */
  private @Nullable String runId() {
    ServerFacts said = facts;
    SocketAddress here = address.home();
    return said != null && here != null && here.equals(said.address()) ? said.runId() : null;
  }

  /** What its server has said of itself; null: nothing yet. */
  public @Nullable ServerFacts facts() {
    return facts;
  }

  /** Its server has said what it is. */
  public void facts(ServerFacts said) {
    facts = said;
  }

  /**
   * Counts how often another server may have taken its place: when a connection has ended, and when
   * a worker that had none has opened one.
   */
  public int mayBeAnother() {
    return mayBeAnother.get();
  }

  /** A connection has ended, and not by the proxy's will. */
  void connectionEnded() {
    mayBeAnother.incrementAndGet();
  }

  /** A worker that had no connection has one. */
  void firstConnectionOpened() {
    mayBeAnother.incrementAndGet();
  }

  /** Opens the circuit after another number of time-outs in a row from now on. */
  public void failureLimit(int limit) {
    failureLimit = limit;
  }

  /**
   * How long a request waits while no server of the node takes it: another server may take the
   * former one's place. 0: none will.
   */
  public long failoverWaitMillis() {
    return failoverWaitMillis;
  }

  /** Has requests wait so long from now on. */
  public void failoverWaitMillis(long millis) {
    failoverWaitMillis = millis;
    CHANGES.incrementAndGet();
  }

  /**
   * How long a request that may write waits, since the server of the node's name is a replica and
   * the name may become another server's, or since another server is about to take over. 0: neither
   * is so, as far as is known.
   */
  public long writesWaitMillis() {
    return beingReplaced ? Math.max(writesWaitMillis, replacementMillis()) : writesWaitMillis;
  }

  /**
   * {@code failover-wait} is for a node that may get no server at all. Another one's taking over is
   * known to be short, and what goes to the former server before it has ended is lost: so that is
   * waited for by whoever waits at all.
   */
  private long replacementMillis() {
    return failoverWaitMillis == 0 ? 0 : Math.max(failoverWaitMillis, REPLACEMENT_MILLIS);
  }

  /**
   * Another server is about to take over from this one, or is not: what may write waits meanwhile,
   * for {@link #REPLACEMENT_MILLIS} at least where anything waits for a server.
   */
  public void isBeingReplaced(boolean is) {
    if (is != beingReplaced) {
      beingReplaced = is;
      CHANGES.incrementAndGet();
    }
  }

  /** Has requests that may write wait so long from now on. */
  public void writesWaitMillis(long millis) {
    if (millis != writesWaitMillis) {
      writesWaitMillis = millis;
      CHANGES.incrementAndGet();
    }
  }

  /** Its server has answered that it does not take a request. */
  public void refuses(Verdict verdict) {
    listener.refuses(this, verdict);
  }

  /**
   * Its server has answered {@code MOVED} or {@code ASK}: it is one of a Cluster. That is told of
   * once, also where nobody follows slots.
   *
   * @param buf holds the error; borrowed
   */
  void speaksOfSlots(ByteBuf buf, int index, int length) {
    if (spokeOfSlots) {
      return;
    }
    Redirection where = new Redirection();
    if (where.read(buf, index, length, address.text())) {
      spokeOfSlots = true;
      listener.moved(this, where.slot(), where.address());
    }
  }

  /** Its server has said that a slot is elsewhere; see {@link Listener#moved}. */
  public void moved(int slot, String where) {
    listener.moved(this, slot, where);
  }

  /** What every request gets while the circuit is open; null while it is closed. */
  @Nullable NodeFailure circuit() {
    return isNobody ? unresolved() : open;
  }

  /**
   * Another number than before if {@link #circuitOpen}, {@link #failoverWaitMillis} or {@link
   * #writesWaitMillis} of any node has changed since: so that whoever has looked at many nodes need
   * not look again.
   */
  public static int changes() {
    return CHANGES.get();
  }

  /** Whether the circuit is open. */
  public boolean circuitOpen() {
    return isNobody || open != null;
  }

  /** The node has answered a probe: requests may go to it again. */
  public void closeCircuit() {
    timeoutsInARow.set(0);
    period.incrementAndGet();
    open = null;
    CHANGES.incrementAndGet();
  }

  /** A worker has lent a connection of a {@linkplain Lane#kind() kind}. */
  void leased(int kind) {
    leases.merge(kind, 1L, Long::sum);
  }

  /** Kinds of which connections are lent, each with how often one was. */
  ConcurrentMap<Integer, Long> leases() {
    return leases;
  }

  /** A worker begins, or ends, to have clients that wait for a key of the node. */
  void worker(int index, boolean waits) {
    if (waits) {
      workersThatWait.add(index);
    } else {
      workersThatWait.remove(index);
    }
  }

  /**
   * Whether clients of any worker wait for a key of the node. A client that has left counts until
   * the node has forgotten it.
   */
  public boolean isWaitedFor() {
    return !workersThatWait.isEmpty();
  }

  /** The same of one worker. */
  public boolean isWaitedForBy(int worker) {
    return workersThatWait.contains(worker);
  }

  /** A worker begins, or ends, to wait for a script that takes long. */
  void longScript(boolean begins) {
    longScripts.addAndGet(begins ? 1 : -1);
  }

  /** Whether a script has been running on it for a while: it may refuse all else as busy. */
  public boolean runsLongScript() {
    return longScripts.get() > 0;
  }

  /** Numbers the times in which it has had requests, from 1. */
  int period() {
    return period.get();
  }

  /** How often connections to it are opened anew. */
  ConnectPace connectPace() {
    return connectPace;
  }

  /** A node that answers does not time out in a row. */
  void answered() {
    if (timeoutsInARow.get() != 0) {
      timeoutsInARow.set(0);
    }
  }

  /** A connection was given up because a reply did not come. */
  void timedOut(NodeFailure failure) {
    if (timeoutsInARow.incrementAndGet() >= failureLimit) {
      fail(failure);
    }
  }

  /** The node cannot be reached: the circuit opens at once. */
  synchronized void fail(NodeFailure cause) {
    if (open == null) {
      open = NodeFailure.of(FailureKind.CIRCUIT_OPEN, whatIsSaidMeanwhile(cause));
      CHANGES.incrementAndGet();
      address.doesNotServe();
      listener.circuitOpened(this, cause);
    }
  }

  private String whatIsSaidMeanwhile(NodeFailure cause) {
    return failoverWaitMillis > 0 && !isReplica
        ? "node '" + name() + "' of pool '" + pool() + "' has no primary: " + cause.text()
        : cause.text() + "; the node is tried again shortly, until then nothing is sent to it";
  }

  /** A failure of this node, worded for a client. */
  NodeFailure failure(FailureKind kind, String what) {
    return NodeFailure.of(
        kind, what + ": node '" + name() + "' (" + address.text() + ") of pool '" + pool() + "'");
  }

  /** Its name has no address, or it has no server at the moment. */
  NodeFailure unresolved() {
    String error = address.errorOfNobody();
    if (!error.isEmpty()) {
      return new NodeFailure(
          address.isOut() ? FailureKind.MAINTENANCE : FailureKind.UNRESOLVED, Replies.error(error));
    }
    String why = address.whyNone();
    if (!why.isEmpty()) {
      return NodeFailure.of(
          FailureKind.UNRESOLVED, "node '" + name() + "' of pool '" + pool() + "' " + why);
    }
    return failure(FailureKind.UNRESOLVED, "Host is down (its name has no address)");
  }

  /** Why no connection was made. */
  NodeFailure connectFailure(Throwable cause) {
    String message = cause.getMessage();
    String reason = message == null ? cause.getClass().getSimpleName() : message;
    if (Tls.isFailure(cause)) {
      return failure(FailureKind.HANDSHAKE, "TLS failed (" + Tls.reason(cause) + ")");
    }
    return cause instanceof ConnectException && reason.contains("refused")
        ? failure(FailureKind.REFUSED, "Connection refused")
        : failure(FailureKind.UNREACHABLE, "Cannot connect (" + reason + ")");
  }

  @Override
  public String toString() {
    return names.full() + (isReplica ? " (replica " : " (") + address.text() + ")";
  }
}
