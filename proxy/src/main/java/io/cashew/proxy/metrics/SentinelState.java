package io.cashew.proxy.metrics;

import java.util.function.LongSupplier;

/**
 * The Sentinels that a pool's nodes need; asked by whoever scrapes.
 *
 * @param known those that are configured, and those of which others tell
 * @param reachable those of them that answer
 */
public record SentinelState(LongSupplier known, LongSupplier reachable) {}
