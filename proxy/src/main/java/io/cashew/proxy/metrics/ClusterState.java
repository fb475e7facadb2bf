package io.cashew.proxy.metrics;

import java.util.function.LongSupplier;

/**
 * What a pool knows of the Cluster that its servers form; asked by whoever scrapes. All is 0 where
 * they form none.
 *
 * @param epoch of the Cluster
 * @param uncovered slots that no server has
 * @param ageSeconds since a server has last told who has which slots
 * @param questions that servers were asked
 * @param failures questions that brought nothing
 */
public record ClusterState(
    LongSupplier epoch,
    LongSupplier uncovered,
    LongSupplier ageSeconds,
    LongSupplier questions,
    LongSupplier failures) {}
