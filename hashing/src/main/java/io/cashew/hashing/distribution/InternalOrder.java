package io.cashew.hashing.distribution;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Members as the distributions take them: checked, and in the order of their names. */
final class InternalOrder {
  private InternalOrder() {}

  /**
   * Checks and sorts.
   *
   * @throws IllegalArgumentException if there is no member, or two share a name or an index
   */
  static List<Member> of(List<Member> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a distribution needs at least one member: got none");
    }
    Set<String> names = new HashSet<>();
    Map<Integer, String> nameByIndex = new HashMap<>();
    for (Member member : members) {
      if (!names.add(member.name())) {
        throw new IllegalArgumentException(
            "two nodes have the name '%s': give one of them another name".formatted(member.name()));
      }
      String other = nameByIndex.putIfAbsent(member.index(), member.name());
      if (other != null) {
        throw new IllegalArgumentException(
            "the nodes '%s' and '%s' have the same index %d"
                .formatted(other, member.name(), member.index()));
      }
    }
    return members.stream().sorted(Comparator.comparing(Member::name, NodeNames.ORDER)).toList();
  }
}
