package io.cashew.proxy.control;

import io.cashew.proxy.metrics.TlsState;

/**
 * How the certificates of one side of a pool do.
 *
 * @param pool its name
 * @param side {@code clients} ({@code tls}) or {@code nodes} ({@code node-tls})
 * @param state whether the files can be used
 */
public record CertificateState(String pool, String side, TlsState state) {}
