package io.cashew.proxy.insight;

import io.cashew.proxy.tracing.TracedPool;
import io.cashew.proxy.tracing.Tracing;
import org.jspecify.annotations.Nullable;

/**
 * What is to be noted of a pool's requests, and where: shared by its workers.
 *
 * @param slowNanos a request that takes longer is slow; {@link Long#MAX_VALUE}: none is
 * @param slowLog gets the slow ones
 * @param logsKeys whether lines of logs have keys
 * @param hotKeySample one request of so many is looked at; 0: none
 * @param bigBytes requests and replies that are larger are noted
 * @param accessLog gets a line for each request; null: there is none
 * @param traced as what its requests become spans
 * @param tracing where these requests go
 */
public record PoolInsight(
    long slowNanos,
    SlowLog slowLog,
    boolean logsKeys,
    int hotKeySample,
    long bigBytes,
    @Nullable AccessLog accessLog,
    TracedPool traced,
    Tracing tracing) {}
