package io.cashew.proxy.client;

/**
 * What clients that speak memcached may ask.
 *
 * @param valueLength longest value, in bytes
 * @param missingOnFailure whether what a node does not give is missing; if not, an error
 */
public record MemcachedLimits(long valueLength, boolean missingOnFailure) {}
