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

  /**
   * Whether it spreads hashes of 64 bits: then a key's node is that of {@link #nodeFor64}, and
   * {@link #nodeFor} takes a place between the lowest and the highest hash, in units of 2^-32.
   */
  default boolean isOf64Bits() {
    return false;
  }

  /**
   * The node of a hash of 64 bits.
   *
   * @param hash a signed 64-bit value
   * @return the {@link Member#index()} of one of the members
   * @throws UnsupportedOperationException if it spreads hashes of 32 bits
   */
  default int nodeFor64(long hash) {
    throw new UnsupportedOperationException("spreads hashes of 32 bits");
  }

  /**
   * Which part of all hashes each node gets, as if every hash came equally often. Hash functions do
   * not spread every set of keys that evenly: this says what the distribution does, not the keys.
   *
   * <p>Unless a distribution knows better, an estimate from 65,536 hashes.
   *
   * @param size of the result, more than the highest {@link Member#index()}
   * @return by {@link Member#index()}: from 0 to 1, together 1; 0 for an index that is no member's
   * @throws IndexOutOfBoundsException if {@code size} is too small
   */
  default double[] shares(int size) {
    int samples = 1 << 16;
    // 2^32 over the golden ratio: its multiples are spread evenly, and not in step with 2^n slots.
    int stride = 0x9e3779b9;
    double[] shares = new double[size];
    for (int i = 0; i < samples; i++) {
      shares[nodeFor(i * stride)] += 1.0 / samples;
    }
    return shares;
  }

  /**
   * How many points each node has on a continuum.
   *
   * @param size of the result, more than the highest {@link Member#index()}
   * @return by {@link Member#index()}; 0 everywhere for a distribution without a continuum
   */
  default int[] points(int size) {
    return new int[size];
  }

  /**
   * The node at each of so many places, evenly spaced around a continuum or along slots.
   *
   * @param places how many, at least 1
   * @return the {@link Member#index()} of the node at each place; empty for a distribution in which
   *     neighbouring hashes have nothing in common
   */
  default int[] around(int places) {
    return new int[0];
  }
}
