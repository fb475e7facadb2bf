package io.cashew.hashing.distribution;

import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;

/**
 * Settings of a distribution.
 *
 * @param pointsPerNode points of a node of average weight on the ketama continuum, {@value
 *     #LEAST_POINTS} to {@value #MOST_POINTS}; twemproxy: 160. Points come in fours, rounded down
 *     in single precision, so 160 gives 25 equal nodes 156 each; 162 gives any number of them 160
 * @param hash how keys are hashed: {@code sharded-jedis} hashes the names of its points so, too
 * @param pointNames how {@code sharded-jedis} names the points of nodes that have names
 */
public record DistributionOptions(
    int pointsPerNode, HashFunction hash, JedisPointNames pointNames) {

  /** One digest. */
  public static final int LEAST_POINTS = 4;

  /** Beyond this the spread gets no better and the continuum leaves the processor's caches. */
  public static final int MOST_POINTS = 65_536;

  /** twemproxy's. */
  public static final DistributionOptions DEFAULT = new DistributionOptions(160);

  /** So many points, and else what ships. */
  public DistributionOptions(int pointsPerNode) {
    this(pointsPerNode, HashFunctions.byName("murmur"), JedisPointNames.FROM_2_10);
  }

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DistributionOptions {
    if (pointsPerNode < LEAST_POINTS || pointsPerNode > MOST_POINTS) {
      throw new IllegalArgumentException(
          "points per node must be %d to %d: got %d"
              .formatted(LEAST_POINTS, MOST_POINTS, pointsPerNode));
    }
  }
}
