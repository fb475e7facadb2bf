package io.cashew.hashing.distribution;

import java.util.List;

/**
 * A distribution some of whose members are out: their hashes go to the others, and nobody else's
 * move. The members that are well keep exactly what they had, whatever the distribution and the
 * weights, which making the distribution anew without the absent ones does not promise.
 */
public final class Substitution implements Distribution {
  private final Distribution whole;
  private final Distribution substitutes;

  /** By {@link Member#index()}. */
  private final boolean[] present;

  /**
   * Lets others stand in.
   *
   * @param factory of the distribution
   * @param all every member
   * @param present those that are not out, at least one; some of {@code all}
   * @param options settings of the distribution
   */
  public Substitution(
      DistributionFactory factory,
      List<Member> all,
      List<Member> present,
      DistributionOptions options) {
    whole = factory.create(all, options);
    this.present = new boolean[1 + all.stream().mapToInt(Member::index).max().orElse(0)];
    present.forEach(member -> this.present[member.index()] = true);
    // Without ranges of their own: those of the present ones alone would leave gaps.
    List<Member> standIns = present.stream().map(member -> member.withoutSlots()).toList();
    substitutes = factory.create(standIns, options);
  }

  @Override
  public int nodeFor(int hash) {
    int node = whole.nodeFor(hash);
    return present[node] ? node : substitutes.nodeFor(hash);
  }

  @Override
  public boolean isOf64Bits() {
    return whole.isOf64Bits();
  }

  @Override
  public int nodeFor64(long hash) {
    int node = whole.nodeFor64(hash);
    return present[node] ? node : substitutes.nodeFor64(hash);
  }
}
