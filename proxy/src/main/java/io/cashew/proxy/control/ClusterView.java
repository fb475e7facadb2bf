package io.cashew.proxy.control;

import io.cashew.proxy.topology.KnownCluster;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a pool's Cluster, as it may be shown.
 *
 * @param epoch of the Cluster; 0: nothing is known
 * @param uncovered slots that no server has
 * @param ageSeconds since a server last told who has which slots
 * @param teller address of that server; empty: none has
 * @param questions that servers were asked
 * @param failures questions that brought nothing
 * @param problem why there is no map, or why a part of it is missing; empty: all is well
 */
public record ClusterView(
    long epoch,
    int uncovered,
    long ageSeconds,
    String teller,
    long questions,
    long failures,
    String problem) {

  static @Nullable ClusterView of(@Nullable KnownCluster known) {
    return known == null
        ? null
        : new ClusterView(
            known.epoch(),
            known.uncovered(),
            ClusterFigures.ageSeconds(known),
            known.teller(),
            known.questions(),
            known.failures(),
            known.problem());
  }
}
