package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.hashing.function.KeyTag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys belong where the 16,384 slots of a Redis Cluster do: a slot is a group. Which shard has a
 * slot is what the servers say, so no shard is ever without its slots here.
 */
public final class SlotPlacement implements Placement {
  /** {@link #shardOf}: no shard has the slot. */
  public static final int NO_SHARD = -1;

  /** {@link #firstSlotOf}: the shard has no slot. */
  public static final int NO_SLOT = -1;

  private static final HashFunction HASH = HashFunctions.byName("crc16");
  private static final HashTag TAG = HashTag.of("{}");
  private static final int MASK = SlotRange.SLOTS - 1;

  private final int[] shardOfSlot;

  /** By slot the epoch of its server's claim to it; empty: nothing is known of claims. */
  private final long[] claims;

  /** By shard its first slot; shards behind the last that has any are missing. */
  private final int[] firstSlots;

  /**
   * Slots as they are at one moment.
   *
   * @param shardOfSlot the index of the shard of each slot, or {@link #NO_SHARD}; copied
   * @throws IllegalArgumentException if there are not as many as there are slots
   */
  public SlotPlacement(int[] shardOfSlot) {
    this(shardOfSlot, new long[0]);
  }

  /**
   * Slots as they are at one moment, and how new that is.
   *
   * @param shardOfSlot the index of the shard of each slot, or {@link #NO_SHARD}; copied
   * @param claims the epoch of the claim to each slot, or none; copied
   * @throws IllegalArgumentException if there are not as many as there are slots
   */
  public SlotPlacement(int[] shardOfSlot, long[] claims) {
    if (shardOfSlot.length != SlotRange.SLOTS) {
      throw new IllegalArgumentException(
          "there are %d slots: got %d".formatted(SlotRange.SLOTS, shardOfSlot.length));
    }
    this.shardOfSlot = shardOfSlot.clone();
    this.claims = claims.clone();
    firstSlots = firstSlots(this.shardOfSlot);
  }

  /**
   * The same with some slots elsewhere.
   *
   * @param shards by slot the index of its shard
   */
  public SlotPlacement with(Map<Integer, Integer> shards) {
    int[] other = shardOfSlot.clone();
    shards.forEach((slot, shard) -> other[slot] = shard);
    return new SlotPlacement(other, claims);
  }

  /** The epoch of the claim that a slot's server has to it; 0: it is not known. */
  public long claimOf(int slot) {
    return claims.length == 0 ? 0 : claims[slot];
  }

  private static int[] firstSlots(int[] shardOfSlot) {
    int[] first = new int[Arrays.stream(shardOfSlot).max().orElse(NO_SHARD) + 1];
    Arrays.fill(first, NO_SLOT);
    for (int slot = shardOfSlot.length - 1; slot >= 0; slot--) {
      if (shardOfSlot[slot] != NO_SHARD) {
        first[shardOfSlot[slot]] = slot;
      }
    }
    return first;
  }

  /** The first slot of a shard; {@link #NO_SLOT}: it has none. */
  public int firstSlotOf(int shard) {
    return shard < firstSlots.length ? firstSlots[shard] : NO_SLOT;
  }

  /**
   * How many slots each shard has.
   *
   * @param shards how many there are
   */
  public int[] counts(int shards) {
    int[] counts = new int[shards];
    for (int shard : shardOfSlot) {
      if (shard != NO_SHARD) {
        counts[shard]++;
      }
    }
    return counts;
  }

  /** The slots of a shard, in their order. */
  public List<SlotRange> rangesOf(int shard) {
    List<SlotRange> ranges = new ArrayList<>();
    int first = -1;
    for (int slot = 0; slot <= shardOfSlot.length; slot++) {
      boolean its = slot < shardOfSlot.length && shardOfSlot[slot] == shard;
      if (its && first < 0) {
        first = slot;
      } else if (!its && first >= 0) {
        ranges.add(new SlotRange(first, slot - 1));
        first = -1;
      }
    }
    return ranges;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SlotPlacement slots
        && Arrays.equals(shardOfSlot, slots.shardOfSlot)
        && Arrays.equals(claims, slots.claims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(shardOfSlot);
  }

  @Override
  public int groupOf(byte[] bytes, int offset, int length) {
    long part = TAG.find(bytes, offset, length);
    return HASH.hash(bytes, KeyTag.offset(part), KeyTag.length(part)) & MASK;
  }

  @Override
  public int shardOf(int group) {
    return shardOfSlot[group];
  }

  @Override
  public int groupOfAll(byte[] bytes, int offset, int length) {
    boolean hasTag = KeyTag.length(TAG.find(bytes, offset, length)) < length;
    return hasTag ? groupOf(bytes, offset, length) : NO_GROUP;
  }

  @Override
  public Placement without(Set<Integer> ejected) {
    return this;
  }
}
