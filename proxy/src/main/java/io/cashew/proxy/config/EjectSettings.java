package io.cashew.proxy.config;

/**
 * Ejection of failed nodes.
 *
 * @param enabled true: the keys of a failed node go to the others (a cache); false: they get errors
 *     (a store)
 * @param maxEjected largest share of the nodes that may be out at once, 0 to 1; the last node is
 *     never ejected
 * @param ring where the keys of an ejected node go
 */
public record EjectSettings(boolean enabled, double maxEjected, EjectRing ring) {}
