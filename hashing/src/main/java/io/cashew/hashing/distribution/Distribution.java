package io.cashew.hashing.distribution;

/**
 * Which node a hash belongs to. Immutable: when the members change, a {@link DistributionFactory}
 * makes a new one. Look-ups allocate nothing and may come from many threads.
 */
public interface Distribution {

  /**
   * The node of a hash.
   *
   * @param hash an unsigned 32-bit value
   * @return the {@link Member#index()} of one of the members
   */
  int nodeFor(int hash);
}
