package io.cashew.proxy.topology;

/**
 * What a pool knows of its Redis Cluster at the moment, for people and for metrics. Immutable.
 *
 * @param epoch of the Cluster; 0: nothing is known
 * @param uncovered slots that nobody has
 * @param questions that servers were asked
 * @param failures questions that were not answered, or not with what helps
 * @param answered whether a server has ever told its view
 * @param confirmedMillis when a server last told its view, since 1970; before that, when the first
 *     was to be asked
 * @param teller address of that server; empty: none has
 * @param problem why there is no map, or why a part of it is missing; empty: all is well
 */
public record KnownCluster(
    long epoch,
    int uncovered,
    long questions,
    long failures,
    boolean answered,
    long confirmedMillis,
    String teller,
    String problem) {

  /** Nobody was asked. */
  static KnownCluster nothing(long nowMillis) {
    return new KnownCluster(
        0, ClusterReply.SLOTS, 0, 0, false, nowMillis, "", "its servers have not been asked yet");
  }
}
