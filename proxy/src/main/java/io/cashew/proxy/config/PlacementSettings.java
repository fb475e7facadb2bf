package io.cashew.proxy.config;

import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashTag;
import java.util.Optional;

/**
 * Which node a key belongs to.
 *
 * @param hash how keys are hashed
 * @param hashTag the two bytes that enclose the part of a key that is hashed; empty: the whole key
 * @param distribution how hashes are spread over nodes
 * @param pointsPerNode points of a node of average weight on the ketama continuum
 */
public record PlacementSettings(
    HashFunction hash,
    Optional<HashTag> hashTag,
    DistributionFactory distribution,
    int pointsPerNode) {

  /** What a distribution wants to know. */
  public DistributionOptions options() {
    return new DistributionOptions(pointsPerNode);
  }

  /** Whether every node is to hold the same data, so that any will do for a key. */
  public boolean holdsTheSame() {
    return distribution.name().equals("random");
  }
}
