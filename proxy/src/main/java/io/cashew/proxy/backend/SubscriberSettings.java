package io.cashew.proxy.backend;

/**
 * How a worker listens to a node.
 *
 * @param reconnectMaxMillis longest pause between two attempts to connect
 * @param messageMax bytes of the largest message that is held; nobody could be given a larger one
 */
public record SubscriberSettings(long reconnectMaxMillis, long messageMax) {}
