package io.cashew.proxy.control;

import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import java.util.Map;

/**
 * A pool on one worker. What is confined to the worker is used by tasks of its loop alone.
 *
 * @param worker which
 * @param recorder counts for the pool there
 * @param servers its side of the pool's servers
 * @param router sends requests to them
 * @param clients those of the pool there
 * @param clientele all who use the servers
 * @param nodes counts for each node, by its name: they live as long as the name, whatever server is
 *     behind it
 */
record PoolOnWorker(
    Worker worker,
    PoolRecorder recorder,
    Servers servers,
    Router router,
    ClientPool clients,
    Clientele clientele,
    Map<String, NodeRecorder> nodes) {}
