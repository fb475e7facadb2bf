package io.cashew.proxy.config;

import java.util.Optional;

/**
 * How the proxy reaches nodes over TLS.
 *
 * @param tls files and algorithms
 * @param verifyHostname whether a node's certificate must name it, not only be trusted
 * @param serverName the name that nodes are asked for and that their certificates must have; empty:
 *     the host of each node's address
 */
public record NodeTls(TlsSettings tls, boolean verifyHostname, Optional<String> serverName) {}
