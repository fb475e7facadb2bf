package io.cashew.hashing.distribution;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Any member, by chance, whatever the hash and the weights; a different one each time it is asked.
 * For nodes that hold the same data. Immutable.
 */
final class RandomChoice implements Distribution {
  private final int[] indices;

  RandomChoice(List<Member> members, DistributionOptions options) {
    indices = InternalOrder.of(members).stream().mapToInt(Member::index).toArray();
  }

  @Override
  public int nodeFor(int hash) {
    return indices[ThreadLocalRandom.current().nextInt(indices.length)];
  }

  /** Exact. */
  @Override
  public double[] shares(int size) {
    double[] shares = new double[size];
    for (int index : indices) {
      shares[index] = 1.0 / indices.length;
    }
    return shares;
  }
}
