package io.cashew.proxy.control;

import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.NodeState;
import java.util.List;

/**
 * A node as it may be shown.
 *
 * @param name in its pool
 * @param address where it is
 * @param weight its weight
 * @param share part of all hashes that is its own while no node is ejected, 0 to 1
 * @param points on the continuum; 0 where there is none
 * @param found how its primary is found, see {@link io.cashew.proxy.config.NodePlace#kind}
 * @param slots of a Cluster that it has, the first and the last of each range
 * @param whyNobody why it has no primary, as the end of a sentence; empty while it has one
 * @param zone of its primary; empty: not known
 * @param replicas of its primary, whether they are read from or not
 * @param state what is decided about it
 * @param recorders what the workers count for it; read as a scrape reads them
 */
public record NodeView(
    String name,
    String address,
    int weight,
    double share,
    int points,
    String found,
    List<List<Integer>> slots,
    String whyNobody,
    String zone,
    List<ReplicaView> replicas,
    NodeState state,
    List<NodeRecorder> recorders) {}
