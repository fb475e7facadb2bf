package io.cashew.proxy.client.pool;

import io.cashew.proxy.loop.Keepalive;

/**
 * How clients are let in.
 *
 * @param maxClients at which the next client is refused; 0: as many as there are descriptors
 * @param maxClientsPerAddress at which the next one of that address is refused; 0: any number
 * @param keepalive when clients that have vanished are noticed
 */
public record ListenerSettings(int maxClients, int maxClientsPerAddress, Keepalive keepalive) {}
