package io.cashew.proxy.metrics;

import java.util.function.LongSupplier;

/**
 * What the process has, and how much of it is used: what its load is measured against.
 *
 * @param workers event loops
 * @param memoryBytes bytes that buffers hold now; asked by the thread that scrapes
 * @param memoryLimitBytes bytes of buffers above which no new work is taken
 * @param traces what became of the spans of requests
 */
public record ProcessState(
    int workers, LongSupplier memoryBytes, long memoryLimitBytes, TraceCounts traces) {}
