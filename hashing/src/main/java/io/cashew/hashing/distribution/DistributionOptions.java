package io.cashew.hashing.distribution;

/**
 * Settings of a distribution.
 *
 * @param pointsPerNode points of a node of average weight on the ketama continuum; twemproxy: 160
 */
public record DistributionOptions(int pointsPerNode) {

  /** twemproxy's. */
  public static final DistributionOptions DEFAULT = new DistributionOptions(160);
}
