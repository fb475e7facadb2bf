package io.cashew.hashing.distribution;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The 16,384 slots of Redis Cluster: a hash belongs to the slot of its low 14 bits. Under the hash
 * {@code crc16} and the hash tag <code>{}</code> that is the slot that Redis Cluster computes.
 * Immutable.
 *
 * <p>Members own the ranges that they name; one that names none then owns nothing. If no member
 * names any, the slots are split evenly in the order of {@link Member#index()}, at the same borders
 * as {@code redis-cli --cluster create} has them.
 */
final class Slots implements Distribution {
  private static final int MASK = SlotRange.SLOTS - 1;
  private static final int NOBODY = -1;

  /** {@link Member#index()} by slot. */
  private final int[] owners = new int[SlotRange.SLOTS];

  Slots(List<Member> members, DistributionOptions options) {
    List<Member> ordered =
        InternalOrder.of(members).stream().sorted(Comparator.comparingInt(Member::index)).toList();
    Arrays.fill(owners, NOBODY);
    if (ordered.stream().allMatch(member -> member.slots().isEmpty())) {
      splitEvenly(ordered);
    } else {
      ordered.forEach(member -> member.slots().forEach(range -> give(member, range, ordered)));
    }
    checkNoneIsMissing();
  }

  @Override
  public int nodeFor(int hash) {
    return owners[hash & MASK];
  }

  /** Exact. */
  @Override
  public double[] shares(int size) {
    double[] shares = new double[size];
    for (int owner : owners) {
      shares[owner] += 1.0 / SlotRange.SLOTS;
    }
    return shares;
  }

  @Override
  public int[] around(int places) {
    int[] around = new int[places];
    for (int i = 0; i < places; i++) {
      around[i] = owners[(int) ((long) owners.length * i / places)];
    }
    return around;
  }

  private void splitEvenly(List<Member> members) {
    if (members.size() > SlotRange.SLOTS) {
      throw new IllegalArgumentException(
          "slots: %d nodes, but there are only %d slots"
              .formatted(members.size(), SlotRange.SLOTS));
    }
    // Single precision, as in redis-cli: with 78 nodes and more it moves a border by a slot.
    float slotsPerMember = SlotRange.SLOTS / (float) members.size();
    float cursor = 0;
    int first = 0;
    for (int i = 0; i < members.size(); i++) {
      int last = i == members.size() - 1 ? MASK : Math.round(cursor + slotsPerMember - 1);
      give(members.get(i), new SlotRange(first, last), members);
      first = last + 1;
      cursor += slotsPerMember;
    }
  }

  private void give(Member member, SlotRange range, List<Member> members) {
    for (int slot = range.first(); slot <= range.last(); slot++) {
      if (owners[slot] != NOBODY) {
        throw new IllegalArgumentException(
            "slots: slot %d belongs to '%s' and again to '%s': each slot has exactly one owner"
                .formatted(slot, nameOf(owners[slot], members), member.name()));
      }
      owners[slot] = member.index();
    }
  }

  private static String nameOf(int index, List<Member> members) {
    return members.stream()
        .filter(member -> member.index() == index)
        .map(Member::name)
        .findFirst()
        .orElseThrow();
  }

  private void checkNoneIsMissing() {
    for (int first = 0; first < owners.length; first++) {
      if (owners[first] == NOBODY) {
        int last = first;
        while (last < MASK && owners[last + 1] == NOBODY) {
          last++;
        }
        throw new IllegalArgumentException(
            "slots: no node owns slots %d to %d: all of 0 to %d need an owner"
                .formatted(first, last, MASK));
      }
    }
  }
}
