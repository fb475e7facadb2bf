package io.cashew.proxy.frontend;

/**
 * How clients are let in.
 *
 * @param maxClients at which the next client is refused; 0: as many as there are descriptors
 * @param maxClientsPerAddress at which the next one of that address is refused; 0: any number
 * @param tcpKeepalive whether clients' connections get SO_KEEPALIVE
 */
public record ListenerSettings(int maxClients, int maxClientsPerAddress, boolean tcpKeepalive) {}
