package io.cashew.hashing.distribution;

import java.util.List;

/**
 * One node as a distribution sees it.
 *
 * @param index what {@link Distribution#nodeFor} answers; the node's place in the configuration. It
 *     does not influence the spread
 * @param name the name that is hashed and sorted by: see NodeNames
 * @param weight share of the keys, relative to the other members; at least 1
 * @param slots ranges of Redis Cluster slots that this node owns; empty for the even split
 */
public record Member(int index, String name, int weight, List<SlotRange> slots) {
  public Member {
    slots = List.copyOf(slots);
  }
}
