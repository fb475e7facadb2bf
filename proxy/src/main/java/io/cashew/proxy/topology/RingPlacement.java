package io.cashew.proxy.topology;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.function.KeyTag;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keys belong where a hash and a distribution say: all keys of a shard are one group, which has the
 * shard's index.
 */
public final class RingPlacement implements Placement {
  private final Function<Set<Integer>, KeyMapper> rings;
  private final KeyMapper keys;
  private final @Nullable KeyTag tag;

  /**
   * The placement while no shard is ejected.
   *
   * @param rings where keys belong while shards of these indexes own none; without a state
   * @param tag the one that those use
   */
  public RingPlacement(Function<Set<Integer>, KeyMapper> rings, Optional<? extends KeyTag> tag) {
    this(rings, rings.apply(Set.of()), tag.orElse(null));
  }

  private RingPlacement(
      Function<Set<Integer>, KeyMapper> rings, KeyMapper keys, @Nullable KeyTag tag) {
    this.rings = rings;
    this.keys = keys;
    this.tag = tag;
  }

  @Override
  public int groupOf(byte[] bytes, int offset, int length) {
    return keys.nodeFor(bytes, offset, length);
  }

  @Override
  public int shardOf(int group) {
    return group;
  }

  @Override
  public int groupOfAll(byte[] bytes, int offset, int length) {
    return tag != null && tag.isDecidedBy(bytes, offset, length)
        ? groupOf(bytes, offset, length)
        : NO_GROUP;
  }

  @Override
  public Placement without(Set<Integer> ejected) {
    return new RingPlacement(rings, rings.apply(ejected), tag);
  }
}
