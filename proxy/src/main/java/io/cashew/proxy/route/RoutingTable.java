package io.cashew.proxy.route;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a router needs to know at one moment: a topology, and this worker's side of its servers.
 * Immutable, and replaced as a whole: shards and backends always fit each other.
 */
public final class RoutingTable {
  /** To ask each of more nodes takes longer than to find the one that a request goes to. */
  private static final int FEW_NODES = 8;

  final List<Shard> shards;

  /** The backend of the primary of each shard, in the order of the shards. */
  final List<Backend> primaries;

  /** The backends of the replicas of each shard that may be read from, in the same order. */
  final Backend[][] replicas;

  /** One backend for each different data, and one for each server. */
  final List<Backend> readers;

  final List<Backend> servers;

  final Placement placement;
  final Copies copies;
  final Traits traits;

  /** For each shard, the one that is asked for its data. */
  private final int[] readerOf;

  /** What it has of other pools' tables; null: the pool has nodes of its own. */
  private final @Nullable JoinedTables joined;

  private final Topology topology;
  private final Servers all;
  private final boolean slotsMove;
  private final long version;

  /**
   * A table for a worker.
   *
   * @param topology to route by
   * @param of the worker's side of its servers, all of which must be there
   */
  RoutingTable(Topology topology, Servers of) {
    this(topology, topology.placement(), of, null);
  }

  private RoutingTable(
      Topology topology, Placement where, Servers of, @Nullable JoinedTables joined) {
    this.topology = topology;
    this.joined = joined;
    all = of;
    version = topology.version();
    shards = topology.shards();
    placement = where;
    slotsMove = joined == null ? placement instanceof SlotPlacement : joined.slotsMove();
    copies = topology.copies();
    traits = topology.traits();
    primaries = joined == null ? of.primariesOf(topology) : joined.primaries();
    replicas = joined == null ? of.replicasOf(topology) : joined.replicas();
    readers = copies.readers().stream().map(primaries::get).toList();
    servers = copies.servers().stream().map(primaries::get).toList();
    readerOf = new int[primaries.size()];
    for (int shard = 0; shard < readerOf.length; shard++) {
      readerOf[shard] = copies.readerOf(shard);
    }
  }

  /** The same as another, of the servers of several pools. */
  static RoutingTable of(JoinedTables pools, RoutingTable before) {
    return new RoutingTable(pools.topology(), pools.placement(0), before.all, pools);
  }

  /**
   * The shards of one pool among those of a table.
   *
   * @param firstShard the place of the first of them
   * @param shards how many there are
   * @param placement where the pool's keys belong, by its own groups and shards
   */
  public record Section(int firstShard, int shards, Placement placement) {}

  /** The shards of each pool, in their order; of a pool with nodes of its own it is one. */
  public List<Section> sections() {
    return joined == null
        ? List.of(new Section(0, primaries.size(), placement))
        : joined.sections();
  }

  /** Where the primary of a shard is. */
  public NodeAddress addressOf(int shard) {
    return primaries.get(shard).node().address();
  }

  /** The number of its topology. */
  public long version() {
    return version;
  }

  /**
   * The same with some slots at other primaries of it.
   *
   * @param primariesOfSlots by slot its primary
   */
  RoutingTable withSlots(Map<Integer, Backend> primariesOfSlots) {
    if (!(placement instanceof SlotPlacement slots)) {
      throw new IllegalStateException("there are no slots");
    }
    Map<Integer, Integer> shardsOfSlots = new HashMap<>();
    primariesOfSlots.forEach((slot, at) -> shardsOfSlots.put(slot, primaries.indexOf(at)));
    return new RoutingTable(topology, slots.with(shardsOfSlots), all, joined);
  }

  /** Where keys belong; with routes, those of everybody whom they do not name. */
  public Placement placement() {
    return placement;
  }

  /** The place of a user's routes, by which it has a {@link #placement(int) placement}. */
  int placeOf(String user) {
    return joined == null ? PoolRoutes.EVERYBODY : joined.routes().placeOf(user);
  }

  /** Where keys belong by the routes at a place; those may be of a former table. */
  Placement placement(int place) {
    return joined == null ? placement : joined.placement(place);
  }

  /** Addresses of the known replicas of a node, by its index among the primaries. */
  public List<String> replicasOf(int node) {
    return shards.get(node).replicas().stream().map(ServerId::address).toList();
  }

  /** The first node that has been running a script for long; null: there is none. */
  public @Nullable Backend backendInLongScript() {
    for (int i = 0; i < primaries.size(); i++) {
      if (primaries.get(i).node().runsLongScript()) {
        return primaries.get(i);
      }
    }
    return null;
  }

  /** Whether clients of any worker may wait for a key of a node; of many nodes it is not asked. */
  public boolean mayBeWaitedFor() {
    return primaries.size() > FEW_NODES || firstThatIsWaitedFor() != null;
  }

  @Nullable Node firstThatIsWaitedFor() {
    for (int i = 0; i < primaries.size(); i++) {
      if (primaries.get(i).node().isWaitedFor()) {
        return primaries.get(i).node();
      }
    }
    return null;
  }

  /** Whether nodes, of one pool or of several, are one server. */
  public boolean hasNodesOfOneServer() {
    return servers.size() < primaries.size();
  }

  /** Whether slots may move between the servers while they serve, or between some of them. */
  public boolean slotsMove() {
    return slotsMove;
  }

  /** Whether slots may move between the servers of a server's pool. */
  public boolean slotsMoveAt(Node server) {
    RoutingTable own = ofPoolOf(server);
    return own != null && own.slotsMove;
  }

  /** By which the pool of a server routes; null: it is none of those that this is joined of. */
  public @Nullable RoutingTable ofPoolOf(Node server) {
    JoinedPool pool = joined == null ? null : joined.poolOf(server);
    return joined == null ? this : pool == null ? null : pool.table();
  }

  /** Whether any shard will do for keys of two servers, both of which are of one pool. */
  public boolean anyShardWillDo(Backend one, Backend other) {
    RoutingTable own = ofPoolOf(one.node());
    return own != null
        && own.copies.anyShardWillDo()
        && one.node().pool().equals(other.node().pool());
  }

  /** A server has said that a slot of its pool moves. */
  public void slotMoves(Node server, int slot, long tickMillis) {
    RoutingTable own = ofPoolOf(server);
    if (own != null) {
      own.all.moving().moves(slot, tickMillis);
    }
  }

  /** A server has said that a slot is at another: requests go there from the next tick on. */
  public void learns(int slot, Backend from, Backend to) {
    RoutingTable own = ofPoolOf(from.node());
    if (own != null) {
      own.all.learnt().moved(slot, from, to, own);
    }
  }

  /** Whether any slot is known to move. */
  public boolean anySlotMoves(long tickMillis) {
    return slotsMove
        && (joined == null ? all.moving().anyMoves(tickMillis) : joined.anySlotMoves(tickMillis));
  }

  /** Whether a group is a slot that is known to move; {@link Placement#NO_GROUP} does not. */
  public boolean isMoving(int group, long tickMillis) {
    if (!slotsMove || group == Placement.NO_GROUP) {
      return false;
    }
    RoutingTable own = joined == null ? this : joined.poolOfGroup(group).table();
    return own.slotsMove && own.all.moving().isMoving(slotOf(group), tickMillis);
  }

  /** The slot that a group is, in its pool. */
  public int slotOf(int group) {
    return joined == null ? group : group - joined.poolOfGroup(group).firstGroup();
  }

  /**
   * How often topologies have said anew who has a group that is a slot; 0 of others.
   *
   * @param group may be {@link Placement#NO_GROUP}
   */
  public int newsOf(int group) {
    if (!slotsMove || group == Placement.NO_GROUP) {
      return 0;
    }
    RoutingTable own = joined == null ? this : joined.poolOfGroup(group).table();
    return own.slotsMove ? own.all.news().count(slotOf(group)) : 0;
  }

  /** The same of a slot of a server's pool. */
  public int newsOf(Node server, int slot) {
    RoutingTable own = ofPoolOf(server);
    return own == null ? 0 : own.all.news().count(slot);
  }

  /**
   * Takes note of slots that primaries which still are some have given away, and of what is new of
   * any.
   */
  void notesMovesSince(RoutingTable before, long tickMillis) {
    if (!slotsMove || !before.slotsMove || joined != null) { // which their own pools note
      return;
    }
    MovingSlots moving = all.moving();
    for (int slot = 0; slot < SlotRange.SLOTS; slot++) {
      Backend former = before.primaryOf(slot);
      boolean isElsewhere = former != primaryOf(slot);
      if (isElsewhere && primaries.contains(former)) {
        moving.moves(slot, tickMillis);
      }
      if (isElsewhere || claimOf(slot) != before.claimOf(slot)) {
        all.news().comes(slot);
      }
    }
  }

  private long claimOf(int slot) {
    return placement instanceof SlotPlacement slots ? slots.claimOf(slot) : 0;
  }

  /** The group of a key, or of a shard channel. */
  public int groupOf(byte[] name) {
    return placement.groupOf(name, 0, name.length);
  }

  /**
   * A slot that a server has; {@link SlotPlacement#NO_SLOT}: it has none, or there are none in its
   * pool.
   */
  public int anySlotOf(Backend server) {
    RoutingTable own = ofPoolOf(server.node());
    int shard = own == null ? -1 : own.primaries.indexOf(server);
    return shard >= 0 && own != null && own.placement instanceof SlotPlacement slots
        ? slots.firstSlotOf(shard)
        : SlotPlacement.NO_SLOT;
  }

  /** The primary of a group. */
  public Backend primaryOf(int group) {
    return primaries.get(placement.shardOf(group));
  }

  /**
   * The server to which a redirection leads; null: it is not known in the pool of who says so.
   *
   * @param teller who says so
   */
  public @Nullable Backend at(Node teller, Redirection where) {
    RoutingTable own = ofPoolOf(teller);
    return own == null ? null : own.at(where);
  }

  private @Nullable Backend at(Redirection where) {
    for (Map.Entry<String, String> each : traits.elsewhere().entrySet()) {
      if (where.isAt(each.getKey())) {
        return all.at(each.getValue()::equals);
      }
    }
    return all.at(where::isAt);
  }

  /**
   * The primary that has now what one of an earlier table had. Other primaries of that table do not
   * count, whatever they have got of it: they were sent the same.
   *
   * @param isReplica whether it has said that it is a replica now
   * @return {@code former} if nobody is known, or several are; null if it had nothing and is no
   *     primary any more
   */
  public @Nullable Backend inPlaceOf(Backend former, RoutingTable then, boolean isReplica) {
    if (joined != null) {
      RoutingTable own = ofPoolOf(former.node());
      RoutingTable ownThen = then.ofPoolOf(former.node());
      return own == null || ownThen == null ? former : own.inPlaceOf(former, ownThen, isReplica);
    }
    String name = former.node().fullName();
    if (!slotsMove || !then.slotsMove) {
      return among(primaries, name).orElse(former);
    }
    boolean hadSlots = false;
    Backend found = null;
    for (int slot = 0; slot < SlotRange.SLOTS; slot++) {
      if (!then.primaryOf(slot).node().fullName().equals(name)) {
        continue;
      }
      hadSlots = true;
      Backend now = primaryOf(slot);
      if (now.node().fullName().equals(name)) {
        return now;
      }
      if (now != found && among(then.primaries, now.node().fullName()).isEmpty()) {
        if (found != null) {
          return former;
        }
        found = now;
      }
    }
    if (found == null) {
      boolean isPrimary = !isReplica && among(primaries, name).isPresent();
      return hadSlots || isPrimary ? former : null;
    }
    return found;
  }

  private static Optional<Backend> among(List<Backend> backends, String name) {
    return backends.stream().filter(each -> each.node().fullName().equals(name)).findFirst();
  }

  /** How a shard is read, if {@code standard} is how the pool is. */
  ReadPreference reads(int shard, ReadPreference standard) {
    return joined == null ? standard : joined.reads()[shard];
  }

  /** The shard of a key: an index into {@link #primaries}. */
  int shardFor(byte[] key, int length) {
    return placement.shardOf(placement.groupOf(key, 0, length));
  }

  /** The shard that is asked for the data of another. */
  public int readerOf(int shard) {
    return readerOf[shard];
  }
}
