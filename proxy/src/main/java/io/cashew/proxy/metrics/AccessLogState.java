package io.cashew.proxy.metrics;

import java.util.function.LongSupplier;

/**
 * How a pool's access log does.
 *
 * @param dropped lines that were not written; asked by the thread that scrapes
 */
public record AccessLogState(LongSupplier dropped) {}
