package io.cashew.proxy.control;

import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.tracing.Tracing;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What all pools of a proxy share.
 *
 * @param workers all there are
 * @param sockets how to talk to the kernel
 * @param control the control thread
 * @param names how names of nodes are looked up
 * @param sources say who the shards of a pool are
 * @param sentinels are asked who is primary
 * @param descriptors how many connections may be opened
 * @param metrics where numbers are published
 * @param facts of the proxy
 * @param retirements take away what is no longer used
 * @param drainMillis how long what is under way there may take, now
 * @param tracing where requests go that become spans
 */
record ProxyParts(
    WorkerGroup workers,
    Sockets sockets,
    ScheduledExecutorService control,
    Names names,
    Sources sources,
    SentinelGroups sentinels,
    Descriptors descriptors,
    MetricsRegistry metrics,
    ProxyFacts facts,
    Retirements retirements,
    LongSupplier drainMillis,
    Tracing tracing) {}
