package io.cashew.hashing.distribution;

import java.util.Arrays;
import java.util.List;

/**
 * The remainder of a division: each member has as many consecutive slots as its weight, in internal
 * order, and a hash belongs to slot {@code hash mod slots} (twemproxy 0.5.0). Immutable.
 */
final class Modula implements Distribution {

  /** The table then takes 64 MB. */
  private static final int SLOTS_MAX = 1 << 24;

  /** {@link Member#index()} by slot. */
  private final int[] owners;

  Modula(List<Member> members, DistributionOptions options) {
    List<Member> ordered = InternalOrder.of(members);
    long totalWeight = ordered.stream().mapToLong(Member::weight).sum();
    if (totalWeight > SLOTS_MAX) {
      throw new IllegalArgumentException(
          "modula: the weights add up to %d, %d is the most: divide them by their common factor"
              .formatted(totalWeight, SLOTS_MAX));
    }
    owners = new int[(int) totalWeight];
    int slot = 0;
    for (Member member : ordered) {
      Arrays.fill(owners, slot, slot + member.weight(), member.index());
      slot += member.weight();
    }
  }

  @Override
  public int nodeFor(int hash) {
    return owners[Integer.remainderUnsigned(hash, owners.length)];
  }

  /** Exact: 2^32 is rarely a multiple of the slots, so the first ones get one hash more. */
  @Override
  public double[] shares(int size) {
    long hashes = 1L << Integer.SIZE;
    long[] counts = new long[size];
    for (int slot = 0; slot < owners.length; slot++) {
      counts[owners[slot]] += hashes / owners.length + (slot < hashes % owners.length ? 1 : 0);
    }
    return Arrays.stream(counts).mapToDouble(count -> (double) count / hashes).toArray();
  }

  int slotCount() {
    return owners.length;
  }
}
