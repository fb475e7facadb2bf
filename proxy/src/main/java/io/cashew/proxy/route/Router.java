package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the node of a request and sends it there: whole to one node, or in fragments to several.
 * One per pool and worker, confined to it. What it routes by, the {@link RoutingTable}, is replaced
 * as a whole.
 */
public final class Router {
  private static final byte[] INVALID_CURSOR = Replies.error("ERR invalid cursor");

  private static final byte[] OUT_OF_RANGE =
      Replies.error("ERR value is out of range, must be positive");

  /** To ask each of more nodes takes longer than to find the one that a request goes to. */
  private static final int FEW_NODES = 8;

  private static final int MAX_KEPT_KEY = 64 << 10;

  private static final byte[] CROSS_SLOT =
      Replies.error("CROSSSLOT Keys in request don't hash to the same node");

  private final Worker worker;
  private final PoolRecorder recorder;
  private final KeyPositions positions = new KeyPositions();
  private final FragmentedRequests fragmentedRequests;
  private final Servers all;
  private RoutingTable table;
  private byte[] key = new byte[256];
  private final Route route = new Route();

  /**
   * A router that sends by {@code topology}.
   *
   * @param worker whose thread this is confined to
   * @param recorder counts for the pool on this worker
   * @param servers this worker's side of the pool's servers
   * @param topology what to route by
   * @param gatheredReply most bytes of replies held for one request that is answered by several
   *     nodes
   */
  public Router(
      Worker worker,
      PoolRecorder recorder,
      Servers servers,
      Topology topology,
      long gatheredReply) {
    this.worker = worker;
    this.recorder = recorder;
    all = servers;
    fragmentedRequests = new FragmentedRequests(worker, gatheredReply);
    table = new RoutingTable(topology, servers);
  }

  /** Routes by another topology from now on, all of whose servers there are. */
  public void install(Topology topology) {
    assert worker.inThread();
    table = new RoutingTable(topology, all);
  }

  /**
   * Holds no more than that from now on.
   *
   * @param gatheredReply as for the constructor
   */
  public void gatheredReply(long gatheredReply) {
    assert worker.inThread();
    fragmentedRequests.maxGathered = gatheredReply;
  }

  /** The lane of a client's requests: see {@link Backend#lane}; the same for all nodes. */
  public Lane lane(long clientId, boolean resp3, int database) {
    return table.primaries.get(0).lane(clientId, resp3, database);
  }

  /** How many databases a client may choose from. */
  public int databases() {
    return table.primaries.get(0).databases();
  }

  /** This worker's side of each node, in the order of the configuration. */
  public List<Backend> backends() {
    return table.primaries;
  }

  /** One backend for each different data, in the order of the configuration. */
  public List<Backend> readers() {
    return table.readers;
  }

  /** The index of each of {@link #readers()} in {@link #backends()}. */
  public List<Integer> readerNodes() {
    return table.copies.readers();
  }

  /** One backend for each server, in the order of the configuration. */
  public List<Backend> servers() {
    return table.servers;
  }

  /** Whether any node will do for any key. */
  public boolean anyNodeWillDo() {
    return table.copies.anyShardWillDo();
  }

  /** Node of a request without keys: any would do, and the first is easy to find again. */
  public Backend keylessBackend() {
    return table.primaries.get(table.readerOf(0));
  }

  /** The node on which a channel is published and listened to. */
  public int nodeForChannel(RequestFrame frame, int argument) {
    return table.readerOf(nodeFor(frame, argument));
  }

  /** The node on which a channel is published and listened to. */
  public int nodeForChannel(byte[] name) {
    return table.readerOf(nodeFor(name));
  }

  /** The node of an argument of {@code frame}: an index into {@link #backends()}. */
  public int nodeFor(RequestFrame frame, int argument) {
    return nodeFor(frame.buf(), frame.offset(argument), frame.length(argument));
  }

  /** The node of a key or a channel. */
  public int nodeFor(byte[] name) {
    return nodeFor(name, name.length);
  }

  private int nodeFor(ByteBuf buf, int offset, int length) {
    byte[] bytes = key;
    if (length > bytes.length) {
      bytes = new byte[length];
      if (length <= MAX_KEPT_KEY) {
        key = bytes;
      }
    }
    buf.getBytes(offset, bytes, 0, length);
    return nodeFor(bytes, length);
  }

  private int nodeFor(byte[] bytes, int length) {
    return table.shardFor(bytes, length);
  }

  // ---------------------------------------------------------------- requests for one node

  /**
   * Sends a request whose keys must all be on one node, unchanged.
   *
   * @param frame the request; borrowed
   * @param command its row
   * @param reply takes the reply, at once or later; it knows where it goes before it is sent, since
   *     it may be over when this returns
   * @param lane the client's: its requests to one node go through one connection
   * @return whether it is refused, or who has much to send
   */
  public Route forward(RequestFrame frame, Command command, Exchange reply, Lane lane) {
    Route found = find(frame, command);
    if (found.isRefused()) {
      return found;
    }
    Backend target = found.target();
    Backend to = target == null ? keylessBackend() : target;
    reply.sentTo(to);
    return send(to, frame, reply, lane);
  }

  private Route send(Backend backend, RequestFrame frame, InFlight reply, Lane lane) {
    backend.send(frame.buf(), frame.start(), frame.length(), reply, lane);
    return sent(backend, lane);
  }

  /** Filled last: a reply that is given at once may have had another request routed. */
  private Route sent(Backend backend, Lane lane) {
    return route.sent(backend.overloaded(lane) ? backend : null);
  }

  /**
   * The one node of all keys of a request.
   *
   * @return its backend, none if there are no keys, or a refusal
   */
  public Route find(RequestFrame frame, Command command) {
    assert worker.inThread();
    if (command.hasOneKey()) {
      return route.to(table.primaries.get(nodeFor(frame, command.firstKey())));
    }
    if (!command.keys(frame, positions)) {
      return badArgument();
    }
    int count = positions.count();
    if (count == 0) {
      return route.to(null);
    }
    int node = nodeFor(frame, positions.index(0));
    for (int i = 1; i < count && !table.copies.anyShardWillDo(); i++) {
      if (nodeFor(frame, positions.index(i)) != node) {
        return refuseOtherNode();
      }
    }
    for (int i = 0; i < positions.patternCount(); i++) {
      if (!patternIsOn(node, frame, positions.pattern(i))) {
        return refuseOtherNode();
      }
    }
    if (count > 1) {
      recorder.multiKeyRequests++;
    }
    return route.to(table.primaries.get(node));
  }

  /** Where a request goes that names no keys. */
  public Route withoutKeys() {
    return route.to(null);
  }

  /** Whether clients of any worker may wait for a key of a node; of many nodes it is not asked. */
  public boolean mayBeWaitedFor() {
    return table.primaries.size() > FEW_NODES || firstThatIsWaitedFor() != null;
  }

  private @Nullable Node firstThatIsWaitedFor() {
    for (int i = 0; i < table.primaries.size(); i++) {
      if (table.primaries.get(i).node().isWaitedFor()) {
        return table.primaries.get(i).node();
      }
    }
    return null;
  }

  /**
   * Where a request goes if it is not refused, by the first of its keys; where nobody knows, a node
   * that clients wait for.
   *
   * @return null if it will be refused, or goes nowhere where clients wait
   */
  public @Nullable Node nodeOfFirstKey(RequestFrame frame, Command command) {
    if (table.copies.anyShardWillDo()) {
      return firstThatIsWaitedFor();
    }
    int index;
    if (command.hasOneKey()) {
      index = nodeFor(frame, command.firstKey());
    } else if (!command.keys(frame, positions)) {
      return null;
    } else {
      index = positions.count() == 0 ? table.readerOf(0) : nodeFor(frame, positions.index(0));
    }
    return table.primaries.get(index).node();
  }

  /**
   * The first node, in the order of a request's keys, of which something is so.
   *
   * @return null if it is so of none, or any node will do, or the request will be refused
   */
  public @Nullable Node firstNode(RequestFrame frame, Command command, Predicate<Node> is) {
    if (table.copies.anyShardWillDo() || !command.keys(frame, positions)) {
      return null;
    }
    if (positions.count() == 0) {
      Node node = keylessBackend().node();
      return is.test(node) ? node : null;
    }
    for (int i = 0; i < positions.count(); i++) {
      Node node = table.primaries.get(nodeFor(frame, positions.index(i))).node();
      if (is.test(node)) {
        return node;
      }
    }
    return null;
  }

  /**
   * Whether every key that a pattern stands for is on {@code node}: its hash tag must be in front
   * of the star, behind which anything may come.
   */
  private boolean patternIsOn(int node, RequestFrame frame, int argument) {
    if (table.primaries.size() == 1 || table.copies.anyShardWillDo()) {
      return true;
    }
    int offset = frame.offset(argument);
    int length = frame.length(argument);
    int fixed = frame.buf().indexOf(offset, offset + length, (byte) '*') - offset;
    byte[] bytes = new byte[fixed];
    frame.buf().getBytes(offset, bytes);
    int group = table.placement.groupOfAll(bytes, 0, fixed);
    return group != Placement.NO_GROUP && table.placement.shardOf(group) == node;
  }

  private Route refuse(RefusalKind kind, byte[] error) {
    recorder.refused(kind);
    return route.refused(error);
  }

  /** Refuses a request whose keys are on another node than others that belong to them. */
  public Route refuseOtherNode() {
    return refuse(RefusalKind.CROSS_SLOT, CROSS_SLOT);
  }

  /** Refuses a request that does not say where its keys are. */
  private Route badArgument() {
    String error = positions.error();
    return refuse(
        RefusalKind.BAD_ARGUMENT, Replies.error(error == null ? "ERR syntax error" : error));
  }

  // ---------------------------------------------------------------- requests for several

  /**
   * Sends a request whose keys may be on several nodes, to each node its own.
   *
   * @return whether it is refused, or who has much to send
   */
  public Route split(RequestFrame frame, Command command, InFlight reply, Lane lane) {
    assert worker.inThread();
    if (!command.keys(frame, positions)) {
      return badArgument();
    }
    int count = positions.count();
    int node = nodeFor(frame, positions.index(0));
    if (count == 1) {
      return send(table.primaries.get(node), frame, reply, lane);
    }
    recorder.multiKeyRequests++;
    FragmentedRequest request = fragmentedRequests.take();
    int[] nodeOfKey = request.nodeOfKey(count);
    boolean oneNode = true;
    for (int i = 0; i < count; i++) {
      int other = nodeFor(frame, positions.index(i));
      nodeOfKey[i] = other;
      oneNode &= other == node;
    }
    if (oneNode) {
      fragmentedRequests.give(request);
      return send(table.primaries.get(node), frame, reply, lane);
    }
    return route.sent(
        request.send(table.primaries, frame, command, positions, reply, lane, recorder));
  }

  /**
   * Sends a request to every node, and gives what they say as one reply, by the command's response
   * policy. Of nodes that hold the same data one is asked for it; of names of one server, one is
   * told.
   *
   * @return who has much to send
   */
  public Route sendToAll(RequestFrame frame, Command command, InFlight reply, Lane lane) {
    assert worker.inThread();
    boolean tellsOfData = command.onlyReads() || command.has(Property.TELLS_OF_DATA);
    List<Backend> to = tellsOfData ? table.readers : table.servers;
    if (to.size() == 1) {
      return sendToOnly(to.get(0), frame, command, reply, lane);
    }
    return route.sent(
        fragmentedRequests.take().sendToAll(to, frame, command, reply, lane, recorder));
  }

  /** The first node that has been running a script for long; null: there is none. */
  public @Nullable Backend backendInLongScript() {
    for (int i = 0; i < table.primaries.size(); i++) {
      if (table.primaries.get(i).node().runsLongScript()) {
        return table.primaries.get(i);
      }
    }
    return null;
  }

  /** Sends a request to a node on a connection that it has to itself, in no database. */
  public void sendApart(Backend backend, RequestFrame frame, InFlight reply, Lane lane) {
    FragmentedRequest.sendApart(backend, frame.buf(), frame.start(), frame.length(), reply, lane);
  }

  private Route sendToOnly(
      Backend backend, RequestFrame frame, Command command, InFlight reply, Lane lane) {
    if (command.has(CommandFlag.ALLOW_BUSY)) {
      sendApart(backend, frame, reply, lane);
      return route.sent(null);
    }
    return send(backend, frame, reply, lane);
  }

  /**
   * Asks one node for each different data with a request of the proxy's own, and gives what {@code
   * merger} makes of their replies, also if there is only one.
   *
   * @param request its bytes; borrowed
   * @return who has much to send
   */
  public Route askAll(ByteBuf request, Merger merger, InFlight reply, Lane lane) {
    assert worker.inThread();
    return route.sent(
        fragmentedRequests.take().askAll(table.readers, request, merger, reply, lane, recorder));
  }

  /**
   * Sends a request in the way of its command alone.
   *
   * @return whether it is refused, or who has much to send
   */
  public Route special(RequestFrame frame, Command command, InFlight reply, Lane lane) {
    return command.kind() == Kind.ADMIN ? populate(frame, reply, lane) : scan(frame, reply, lane);
  }

  /** {@code DEBUG POPULATE}. */
  private Route populate(RequestFrame frame, InFlight reply, Lane lane) {
    if (table.primaries.size() == 1) {
      return send(table.primaries.get(0), frame, reply, lane);
    }
    RoutingTable now = table;
    Population.Nodes nodes =
        new Population.Nodes() {
          @Override
          public int nodeFor(byte[] key) {
            return now.shardFor(key, key.length);
          }

          @Override
          public void send(int node, ByteBuf request, InFlight part) {
            now.primaries.get(node).send(request, 0, request.readableBytes(), part, lane);
          }
        };
    return Population.begin(frame, reply, nodes)
        ? route.sent(null)
        : refuse(RefusalKind.BAD_ARGUMENT, OUT_OF_RANGE);
  }

  /** Sends a step of a {@code SCAN} to the node that its cursor names. */
  private Route scan(RequestFrame frame, InFlight reply, Lane lane) {
    assert worker.inThread();
    if (table.primaries.size() == 1) {
      return send(table.primaries.get(0), frame, reply, lane);
    }
    Long cursor = Scan.cursor(frame);
    if (cursor == null) {
      return refuse(RefusalKind.BAD_ARGUMENT, INVALID_CURSOR);
    }
    ScanCursor at = ScanCursor.of(cursor, table.copies);
    Backend backend = table.primaries.get(at.node());
    ByteBuf request = Scan.request(worker.allocator(), frame, at.nodeCursor());
    try {
      Scan step =
          new Scan(
              worker.allocator(),
              reply,
              backend.node(),
              at,
              table.copies,
              fragmentedRequests.maxGathered);
      backend.send(request, 0, request.readableBytes(), step, lane);
    } finally {
      request.release();
    }
    return sent(backend, lane);
  }

  /**
   * Where a request goes that has not been received whole.
   *
   * @param frame what is there of it
   * @return its backend; null if that cannot be told from this much
   */
  public @Nullable Backend backendOfPartial(RequestFrame frame, Command command) {
    int key = command.firstKey();
    return command.hasOneKey() && key < frame.argc()
        ? table.primaries.get(nodeFor(frame, key))
        : null;
  }
}
