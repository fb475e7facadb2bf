package io.cashew.proxy.config;

/**
 * How clients reach a listener over TLS.
 *
 * @param tls files and algorithms; it has an identity
 * @param clientCertificates whether clients are asked for certificates
 */
public record ListenerTls(TlsSettings tls, ClientCertificates clientCertificates) {}
