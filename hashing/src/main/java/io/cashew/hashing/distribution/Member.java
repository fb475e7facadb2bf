package io.cashew.hashing.distribution;

import java.util.List;

/**
 * One node as a distribution sees it.
 *
 * @param index what {@link Distribution#nodeFor} answers, 0 or more; the node's place in the
 *     configuration. It does not influence the spread, but for the even split of slots, which goes
 *     by it
 * @param name the name that is hashed and sorted by: see {@link NodeNames}
 * @param weight share of the keys, relative to the other members; at least 1. {@code random} and
 *     {@code slots} ignore it
 * @param slots ranges of Redis Cluster slots that this node owns; empty for the even split
 * @param named whether the name was given; if not, {@code sharded-jedis} goes by the index
 */
public record Member(int index, String name, int weight, List<SlotRange> slots, boolean named) {

  /**
   * Checks the values and copies the list.
   *
   * @throws IllegalArgumentException if the index or the weight is too small
   */
  public Member {
    if (index < 0) {
      throw new IllegalArgumentException(
          "the index of node '%s' must be 0 or more: got %d".formatted(name, index));
    }
    if (weight < 1) {
      throw new IllegalArgumentException(
          "the weight of node '%s' must be 1 or more: got %d".formatted(name, weight));
    }
    slots = List.copyOf(slots);
  }

  /** A node that was given its name. */
  public Member(int index, String name, int weight, List<SlotRange> slots) {
    this(index, name, weight, slots, true);
  }

  /** The same without ranges of its own. */
  Member withoutSlots() {
    return new Member(index, name, weight, List.of(), named);
  }
}
