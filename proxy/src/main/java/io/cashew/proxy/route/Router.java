package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Reading;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.loop.ShortCopy;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.ReadKind;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the nodes of keys, and sends a request that goes to one node there. One per pool and
 * worker, confined to it. What it routes by, the {@link RoutingTable}, is replaced as a whole.
 */
public final class Router {
  /** Replicas of a key's former node may say for so long that there is no such key. */
  private static final long JUST_CHANGED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_KEPT_KEY = 64 << 10;

  private final Worker worker;
  private final PoolRecorder recorder;
  private final KeyPositions positions = new KeyPositions();
  private final Servers all;
  private RoutingTable table;

  /** Where keys belong by the routes for which it {@linkplain #speaksFor speaks}. */
  private Placement placement;

  private int speaking;

  private ReadPreference reads = ReadPreference.PRIMARY;
  private long changedNanos;
  private byte[] key = new byte[256];
  private final Route route = new Route();

  /**
   * A router that sends by {@code topology}.
   *
   * @param worker whose thread this is confined to
   * @param recorder counts for the pool on this worker
   * @param servers this worker's side of the pool's servers
   * @param topology what to route by
   */
  public Router(Worker worker, PoolRecorder recorder, Servers servers, Topology topology) {
    this.worker = worker;
    this.recorder = recorder;
    all = servers;
    table = new RoutingTable(topology, servers);
    placement = table.placement;
  }

  /** Routes by another topology from now on, all of whose servers there are. */
  public void install(Topology topology) {
    install(new RoutingTable(topology, all));
  }

  void install(RoutingTable next) {
    assert worker.inThread();
    RoutingTable before = table;
    table = next;
    placement = table.placement(speaking);
    table.notesMovesSince(before, worker.tickMillis());
    changedNanos = System.nanoTime();
    all.learnt().forget();
  }

  /** Goes by what servers have said. @return whether slots are elsewhere than before */
  public boolean learns() {
    RoutingTable before = table;
    table = all.learnt().next(before);
    placement = table.placement(speaking);
    return table != before;
  }

  /** Goes by what servers have said to other pools' routers, of whose tables this one is made. */
  void learnt(RoutingTable next) {
    assert worker.inThread();
    table = next;
    placement = table.placement(speaking);
  }

  /** Reads from these servers from now on. */
  public void reads(ReadPreference preference) {
    reads = preference;
  }

  ReadPreference reads() {
    return reads;
  }

  /** Whether what no replica answers may be asked of the primary. */
  public boolean fallsBackToPrimary() {
    return reads.fallsBackToPrimary();
  }

  /** Whether keys, or servers, are elsewhere than a moment ago: a replica may not know. */
  public boolean hasJustChanged() {
    return changedNanos != 0 && System.nanoTime() - changedNanos < JUST_CHANGED_NANOS;
  }

  /** The lane of a client's requests: see {@link Backend#lane}; the same for all nodes. */
  public Lane lane(long clientId, boolean resp3, int database) {
    Lane lane = table.primaries.get(0).lane(clientId, resp3, database);
    return reads.usesReplicas() ? lane.readsFromReplicas(new Reading(clientId)) : lane;
  }

  /** The place of a user's routes, for {@link Lane#goesBy}. */
  public int routesOf(String user) {
    return table.placeOf(user);
  }

  /**
   * Finds keys where they belong by a user's routes, until it is told otherwise. To be said before
   * each request of a pool with routes, and taken back behind it: one may be within another.
   *
   * @param routes their place, see {@link Lane#routes}
   * @return those by which it has found them before
   */
  public int speaksFor(int routes) {
    int before = speaking;
    speaking = routes;
    placement = table.placement(routes);
    if (placement instanceof RoutedPlacement routed) {
      routed.picksAnew();
    }
    return before;
  }

  /** How many databases a client may choose from. */
  public int databases() {
    return Math.min(table.traits.databases(), table.primaries.get(0).databases());
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

  /** Which nodes hold the same data. */
  public Copies copies() {
    return table.copies;
  }

  /** What it routes by at the moment. */
  public RoutingTable table() {
    return table;
  }

  /** Where keys belong by the routes for which it {@linkplain #speaksFor speaks}. */
  public Placement placement() {
    return placement;
  }

  /** Whether any node will do for any key. */
  public boolean anyNodeWillDo() {
    return table.copies.anyShardWillDo();
  }

  /** Node of a request without keys: any would do, and the first is easy to find again. */
  public Backend keylessBackend() {
    return table.primaries.get(table.readerOf(0));
  }

  /** The node on which a channel is published and listened to: the same for all users. */
  public int nodeForChannel(byte[] name) {
    return table.readerOf(table.shardFor(name, name.length));
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
    return nodeFor(key(buf, offset, length), length);
  }

  private int nodeFor(byte[] bytes, int length) {
    return placement.shardOf(placement.groupOf(bytes, 0, length));
  }

  /** By the routes, which pool has an argument that is a key: its place among their pools. */
  public int poolOf(RequestFrame frame, int argument) {
    int length = frame.length(argument);
    return placement instanceof RoutedPlacement routed
        ? routed.poolOf(key(frame.buf(), frame.offset(argument), length), 0, length)
        : 0;
  }

  /** The same of a key, by the routes of everybody. */
  public int poolOf(byte[] name) {
    return table.placement() instanceof RoutedPlacement routed
        ? routed.poolOf(name, 0, name.length)
        : 0;
  }

  /** The bytes of a key, from the beginning of an array that the next key may use again. */
  private byte[] key(ByteBuf buf, int offset, int length) {
    byte[] bytes = key;
    if (length > bytes.length) {
      bytes = new byte[length];
      if (length <= MAX_KEPT_KEY) {
        key = bytes;
      }
    }
    ShortCopy.get(buf, offset, bytes, 0, length);
    return bytes;
  }

  /** The group of an argument of {@code frame} that is a key. */
  public int groupOf(RequestFrame frame, int argument) {
    int length = frame.length(argument);
    return placement.groupOf(key(frame.buf(), frame.offset(argument), length), 0, length);
  }

  /** The group of a key. */
  public int groupOf(byte[] name) {
    return placement.groupOf(name, 0, name.length);
  }

  /** Where requests for keys of a group go. */
  public Backend backendOf(int group) {
    return table.primaries.get(table.placement.shardOf(group));
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
    return send(target == null ? keylessBackend() : target, frame, reply, lane);
  }

  /**
   * As {@link #forward}, for a request that any copy of its keys may answer: which one does, the
   * pool's {@link ReadPreference} says.
   */
  public Route read(RequestFrame frame, Command command, Exchange reply, Lane lane) {
    Route found = find(frame, command);
    Backend primary = found.target();
    if (primary == null) {
      return found.isRefused() ? found : forward(frame, command, reply, lane);
    }
    int shard = found.shard();
    // What was found last has left the places of its keys.
    int first = command.hasOneKey() ? command.firstKey() : positions.index(0);
    Backend to =
        table.anySlotMoves(worker.tickMillis())
            ? reader(shard, groupOf(frame, first), reply, lane)
            : reader(shard, Placement.NO_GROUP, reply, lane);
    return to == null ? refuseToRead(shard) : send(to, frame, reply, lane);
  }

  /**
   * The server that is to answer a client's read of a shard's keys, which is about to be sent.
   *
   * @param group of the keys: while it moves, replicas may lack some of them, so the primary is
   *     asked; {@link Placement#NO_GROUP}: no group moves
   * @param reply takes the reply; what is not kept is not asked of a replica if the primary may be
   * @return null: nobody may answer, see {@link #refuseToRead}
   */
  public @Nullable Backend reader(int shard, int group, Exchange reply, Lane lane) {
    Backend primary = table.primaries.get(shard);
    Backend to = reader(shard, lane, null);
    if (to != null && to != primary && table.reads(shard, reads).fallsBackToPrimary()) {
      boolean moves = table.isMoving(group, worker.tickMillis());
      to = moves || !reply.mayGoElsewhere() ? primary : to;
    }
    if (to == null) {
      return null;
    }
    Reading reading = lane.reading();
    if (to != primary && reading != null) {
      reading.readsAtReplica();
    }
    to.recorder().read(to == primary ? ReadKind.PRIMARY : ReadKind.REPLICA);
    return to;
  }

  /** Refuses a read that no server may answer. */
  public Route refuseToRead(int shard) {
    String why =
        table.reads(shard, reads).noReplica(table.primaries.get(shard), table.replicas[shard]);
    return refuse(RefusalKind.NODE_FAILURE, Replies.error(why));
  }

  private @Nullable Backend reader(int shard, Lane lane, @Nullable Backend but) {
    Backend primary = table.primaries.get(shard);
    Reading reading = lane.reading();
    return reading == null || !lane.isShared()
        ? primary
        : table
            .reads(shard, reads)
            .choose(shard, primary, table.replicas[shard], reading, worker.nowNanos(), but);
  }

  /**
   * The server that answers a client's read instead of one that has not.
   *
   * @return null if none may
   */
  public @Nullable Backend readerInsteadOf(
      Backend but, RequestFrame frame, Command command, Lane lane) {
    Route found = find(frame, command);
    return found.target() == null ? keylessBackend() : reader(found.shard(), lane, but);
  }

  /** Whether a request can be read though its node has no primary. */
  public boolean canBeRead(RequestFrame frame, Command command, Lane lane) {
    Route found = find(frame, command);
    Backend to = found.target() == null ? null : reader(found.shard(), lane, null);
    return to != null && !to.node().circuitOpen();
  }

  /**
   * Sends a request to a node, unchanged.
   *
   * @return who has much to send
   */
  public Route send(Backend backend, RequestFrame frame, Exchange reply, Lane lane) {
    reply.sentTo(backend);
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
      int only = nodeFor(frame, command.firstKey());
      return route.to(only, table.primaries.get(only));
    }
    if (!command.keys(frame, positions)) {
      return badArgument();
    }
    int count = positions.count();
    if (count == 0) {
      return route.to(null);
    }
    int group = groupOf(frame, positions.index(0));
    for (int i = 1; i < count && !table.copies.anyShardWillDo(); i++) {
      int other = groupOf(frame, positions.index(i));
      if (other != group) {
        return refuseOtherNode(backendOf(group), backendOf(other));
      }
    }
    for (int i = 0; i < positions.patternCount(); i++) {
      if (!patternIsOf(group, frame, positions.pattern(i))) {
        return refuseOtherNode(null, null);
      }
    }
    if (count > 1) {
      recorder.multiKeyRequests++;
    }
    int shard = table.placement.shardOf(group);
    return route.to(shard, table.primaries.get(shard));
  }

  /** Where a request goes that names no keys. */
  public Route withoutKeys() {
    return route.to(null);
  }

  /**
   * Whether every key that a pattern stands for is of {@code group}: its hash tag must be in front
   * of the star, behind which anything may come.
   */
  private boolean patternIsOf(int group, RequestFrame frame, int argument) {
    if (table.primaries.size() == 1 || table.copies.anyShardWillDo()) {
      return true;
    }
    int offset = frame.offset(argument);
    int length = frame.length(argument);
    int fixed = frame.buf().indexOf(offset, offset + length, (byte) '*') - offset;
    byte[] bytes = new byte[fixed];
    frame.buf().getBytes(offset, bytes);
    return placement.groupOfAll(bytes, 0, fixed) == group;
  }

  private Route refuse(RefusalKind kind, byte[] error) {
    recorder.refused(kind);
    return route.refused(error);
  }

  /**
   * Refuses a request whose keys are on another node than others that belong to them.
   *
   * @param one that node; null: it is not known
   * @param other where those are
   */
  public Route refuseOtherNode(@Nullable Backend one, @Nullable Backend other) {
    boolean slots = one == null ? table.slotsMove() : table.slotsMoveAt(one.node());
    return refuse(RefusalKind.CROSS_SLOT, Refusal.severalGroups(slots, one, other));
  }

  /** Refuses a request that does not say where its keys are. */
  private Route badArgument() {
    String error = positions.error();
    return refuse(
        RefusalKind.BAD_ARGUMENT, Replies.error(error == null ? "ERR syntax error" : error));
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
