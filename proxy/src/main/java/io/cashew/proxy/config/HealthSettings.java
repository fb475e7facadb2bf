package io.cashew.proxy.config;

/**
 * When a node counts as down, and what follows.
 *
 * @param failureLimit time-outs in a row that open a node's circuit
 * @param retryAfterMillis longest pause between probes of an open circuit is half of this
 * @param eject whether keys of a failed node go elsewhere
 */
public record HealthSettings(int failureLimit, long retryAfterMillis, EjectSettings eject) {}
