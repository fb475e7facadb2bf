package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.util.Set;

/**
 * Keys belong where the 16,384 slots of a Redis Cluster do: a slot is a group. Which shard has a
 * slot is what the servers say, so no shard is ever without its slots here.
 */
public final class SlotPlacement implements Placement {
  /** {@link #shardOf}: no shard has the slot. */
  public static final int NO_SHARD = -1;

  private static final HashFunction HASH = HashFunctions.byName("crc16");
  private static final HashTag TAG = HashTag.of("{}");
  private static final int MASK = SlotRange.SLOTS - 1;

  private final int[] shardOfSlot;

  /**
   * Slots as they are at one moment.
   *
   * @param shardOfSlot the index of the shard of each slot, or {@link #NO_SHARD}; copied
   * @throws IllegalArgumentException if there are not as many as there are slots
   */
  public SlotPlacement(int[] shardOfSlot) {
    if (shardOfSlot.length != SlotRange.SLOTS) {
      throw new IllegalArgumentException(
          "there are %d slots: got %d".formatted(SlotRange.SLOTS, shardOfSlot.length));
    }
    this.shardOfSlot = shardOfSlot.clone();
  }

  @Override
  public int groupOf(byte[] bytes, int offset, int length) {
    long part = TAG.find(bytes, offset, length);
    return HASH.hash(bytes, HashTag.offset(part), HashTag.length(part)) & MASK;
  }

  @Override
  public int shardOf(int group) {
    return shardOfSlot[group];
  }

  @Override
  public int groupOfAll(byte[] bytes, int offset, int length) {
    boolean hasTag = HashTag.length(TAG.find(bytes, offset, length)) < length;
    return hasTag ? groupOf(bytes, offset, length) : NO_GROUP;
  }

  @Override
  public Placement without(Set<Integer> ejected) {
    return this;
  }
}
