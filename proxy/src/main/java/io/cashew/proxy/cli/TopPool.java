package io.cashew.proxy.cli;

import java.util.List;

/**
 * A pool, as {@code cashew top} shows it.
 *
 * @param requests a second, as are bytes, errors and slow requests
 */
record TopPool(
    String name,
    String listen,
    long clients,
    double requests,
    double requestBytes,
    double replyBytes,
    long inFlight,
    double errors,
    double slow,
    TopQuantile p50,
    TopQuantile p99,
    List<TopNode> nodes) {}
