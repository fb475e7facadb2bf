package io.cashew.proxy.route.gather;

import io.cashew.proxy.route.RoutingTable;
import io.cashew.proxy.topology.SlotPlacement;
import java.util.ArrayList;
import java.util.List;

/**
 * The places of shards in the order in which an iteration of {@code SCAN} asks them, where slots
 * move between servers. A place stays good while servers come and go. Immutable.
 *
 * <p>The place of a shard of a Cluster is its first slot; those without slots have places behind
 * these, by their addresses. Where routes lead to several pools, the shards of each stand together,
 * and those of a pool that is no Cluster have their indexes as places.
 */
final class ScanPlaces {
  /** No shard, or no place. */
  static final int NONE = -1;

  private static final int BITS_OF_POOL = 15;
  private static final int SLOTS = 1 << 14;

  /** One shard that may be asked. */
  interface Shards {
    int count();

    /** The first slot of a shard, or {@link SlotPlacement#NO_SLOT}. */
    int firstSlotOf(int shard);

    int shardOfSlot(int slot);

    /** Of the server of a shard. */
    String addressOf(int shard);

    /** The mark of that server, which is another one's if the address is a name that has moved. */
    default ServerMark markOf(int shard) {
      return ServerMark.of(addressOf(shard));
    }

    /** The shard that is asked for the data of another. */
    default int readerOf(int shard) {
      return shard;
    }

    /** Whether the shards have slots. */
    default boolean hasSlots() {
      return true;
    }
  }

  private final List<Shards> pools;
  private final int poolBits;

  private ScanPlaces(List<Shards> pools) {
    this.pools = pools;
    poolBits = Integer.SIZE - Integer.numberOfLeadingZeros(pools.size() - 1);
  }

  /** Those of one Cluster. */
  static ScanPlaces of(Shards cluster) {
    return new ScanPlaces(List.of(cluster));
  }

  /** Those of several pools, one of which at least is a Cluster. */
  static ScanPlaces of(List<Shards> pools) {
    return new ScanPlaces(List.copyOf(pools));
  }

  /** Those of a router's table, in which slots move. */
  static ScanPlaces of(RoutingTable table) {
    List<Shards> pools = new ArrayList<>();
    for (RoutingTable.Section section : table.sections()) {
      pools.add(new OfSection(table, section));
    }
    return new ScanPlaces(pools);
  }

  private record OfSection(RoutingTable whole, RoutingTable.Section section) implements Shards {
    @Override
    public int count() {
      return section.shards();
    }

    @Override
    public boolean hasSlots() {
      return section.placement() instanceof SlotPlacement;
    }

    @Override
    public int firstSlotOf(int shard) {
      return section.placement() instanceof SlotPlacement slots
          ? slots.firstSlotOf(shard)
          : SlotPlacement.NO_SLOT;
    }

    @Override
    public int shardOfSlot(int slot) {
      return section.placement().shardOf(slot);
    }

    @Override
    public String addressOf(int shard) {
      return whole.addressOf(section.firstShard() + shard).text();
    }

    @Override
    public ServerMark markOf(int shard) {
      return ServerMark.of(whole.addressOf(section.firstShard() + shard));
    }

    /** Not below 0, and less than {@link #count}, if it is one of this section. */
    @Override
    public int readerOf(int shard) {
      return whole.readerOf(section.firstShard() + shard) - section.firstShard();
    }
  }

  /** How many bits a place needs. */
  int bits() {
    return BITS_OF_POOL + poolBits;
  }

  private Shards poolAt(int place) {
    return pools.get(place >>> BITS_OF_POOL);
  }

  /** The first shard of the pool of a place. */
  private int firstShardAt(int place) {
    int first = 0;
    for (int pool = 0; pool < place >>> BITS_OF_POOL; pool++) {
      first += pools.get(pool).count();
    }
    return first;
  }

  /** The shard that has a place now; of one that is gone, the next; {@link #NONE}: nobody. */
  int shardAt(int place) {
    int pool = place >>> BITS_OF_POOL;
    if (pool >= pools.size()) {
      return NONE;
    }
    Shards shards = pools.get(pool);
    int within = place & ((1 << BITS_OF_POOL) - 1);
    if (shards.hasSlots() && within < SLOTS) {
      return firstShardAt(place) + shards.shardOfSlot(within);
    }
    if (!shards.hasSlots() && within < shards.count()) {
      return firstShardAt(place) + within;
    }
    int next = placeBehind(place - 1);
    return next == NONE ? NONE : exactlyAt(next);
  }

  /** The shard with just this place. */
  private int exactlyAt(int place) {
    Shards shards = poolAt(place);
    for (int shard = 0; shard < shards.count(); shard++) {
      if (placeOf(place >>> BITS_OF_POOL, shard) == place) {
        return firstShardAt(place) + shard;
      }
    }
    return NONE;
  }

  /** The least place above one of a shard that is asked; {@link #NONE}: there is none. */
  int placeBehind(int place) {
    int next = NONE;
    for (int pool = 0; pool < pools.size(); pool++) {
      for (int shard = 0; shard < pools.get(pool).count(); shard++) {
        int its = placeOf(pool, shard);
        if (its > place
            && (next == NONE || its < next)
            && pools.get(pool).readerOf(shard) == shard) {
          next = its;
        }
      }
    }
    return next;
  }

  /** The place of the shard that is asked for the data of what has a place. */
  int readerAt(int place) {
    Shards shards = poolAt(place);
    int shard = exactlyAt(place) - firstShardAt(place);
    int reader = shard < 0 ? shard : shards.readerOf(shard);
    return reader < 0 || reader >= shards.count() ? place : placeOf(place >>> BITS_OF_POOL, reader);
  }

  private int placeOf(int pool, int shard) {
    Shards shards = pools.get(pool);
    int slot = shards.hasSlots() ? shards.firstSlotOf(shard) : shard;
    int within =
        slot == SlotPlacement.NO_SLOT
            ? SLOTS | (shards.addressOf(shard).hashCode() & (SLOTS - 1))
            : slot;
    return (pool << BITS_OF_POOL) | within;
  }

  /** The mark of the server of a shard. */
  int markOf(int shard) {
    int left = shard;
    for (Shards pool : pools) {
      if (left < pool.count()) {
        return pool.markOf(left).bits();
      }
      left -= pool.count();
    }
    throw new IllegalArgumentException("no shard " + shard);
  }
}
