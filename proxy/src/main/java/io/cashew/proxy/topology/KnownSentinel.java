package io.cashew.proxy.topology;

/**
 * A Sentinel that is configured, or of which others tell.
 *
 * @param address where it is asked
 * @param reachable whether it answers
 * @param why it does not; empty while it does
 */
public record KnownSentinel(String address, boolean reachable, String why) {}
