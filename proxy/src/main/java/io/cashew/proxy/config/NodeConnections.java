package io.cashew.proxy.config;

/**
 * The connections to a pool's nodes, and how long a reply may take on them.
 *
 * @param timeoutMillis for a reply, counted from the write; 0: none
 * @param perNode connections of each worker to each node; at least 1
 * @param preconnect whether they are opened at start
 * @param database selected on each of them
 * @param keepaliveSeconds of silence before the kernel asks whether a node is still there; 0: never
 * @param retryReads whether a request that only reads is sent once more if its connection ends
 */
public record NodeConnections(
    long timeoutMillis,
    int perNode,
    boolean preconnect,
    int database,
    int keepaliveSeconds,
    boolean retryReads) {}
