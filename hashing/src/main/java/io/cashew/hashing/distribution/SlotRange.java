package io.cashew.hashing.distribution;

/**
 * A run of Redis Cluster slots.
 *
 * @param first first slot, 0 to 16383
 * @param last last slot, inclusive, not below {@code first}
 */
public record SlotRange(int first, int last) {}
