package io.cashew.proxy.metrics;

import java.util.function.LongSupplier;

/**
 * What became of the keys of a pool on their way to a node; asked by whoever scrapes.
 *
 * @param untagged keys that matched {@code key-tag} without its first group
 */
public record PlacementState(LongSupplier untagged) {}
