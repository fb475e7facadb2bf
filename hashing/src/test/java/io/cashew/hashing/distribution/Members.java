package io.cashew.hashing.distribution;

import java.util.List;
import java.util.stream.IntStream;

/** Members for tests. */
final class Members {
  private Members() {}

  /** Named node0, node1, …, of these weights. */
  static List<Member> weighted(int... weights) {
    return IntStream.range(0, weights.length)
        .mapToObj(i -> new Member(i, "node" + i, weights[i], List.of()))
        .toList();
  }

  /** Named node0, node1, …, of weight 1. */
  static List<Member> equal(int count) {
    return weighted(IntStream.range(0, count).map(i -> 1).toArray());
  }

  static List<Member> without(int index, List<Member> members) {
    return members.stream().filter(member -> member.index() != index).toList();
  }

  static Member withSlots(int index, String name, SlotRange... slots) {
    return new Member(index, name, 1, List.of(slots));
  }
}
