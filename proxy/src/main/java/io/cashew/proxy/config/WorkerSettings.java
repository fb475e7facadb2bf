package io.cashew.proxy.config;

/**
 * The event loops.
 *
 * @param count how many; at least 1
 * @param clientsTogether clients that one worker gets before the next one does; at least 1
 * @param transport which kind of event loop to run on
 */
public record WorkerSettings(int count, int clientsTogether, TransportKind transport) {}
