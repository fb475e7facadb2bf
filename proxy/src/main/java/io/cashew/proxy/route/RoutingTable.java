package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import java.util.List;

/**
 * All that a router needs to know at one moment: a topology, and this worker's side of its servers.
 * Immutable, and replaced as a whole: shards and backends always fit each other.
 */
final class RoutingTable {

  /** The backend of the primary of each shard, in the order of the shards. */
  final List<Backend> primaries;

  /** One backend for each different data, and one for each server. */
  final List<Backend> readers;

  final List<Backend> servers;

  final Placement placement;
  final Copies copies;

  /** For each shard, the one that is asked for its data. */
  private final int[] readerOf;

  /**
   * A table for a worker.
   *
   * @param topology to route by
   * @param of the worker's side of its servers, all of which must be there
   */
  RoutingTable(Topology topology, Servers of) {
    placement = topology.placement();
    copies = topology.copies();
    primaries = of.primariesOf(topology);
    readers = copies.readers().stream().map(primaries::get).toList();
    servers = copies.servers().stream().map(primaries::get).toList();
    readerOf = new int[primaries.size()];
    for (int shard = 0; shard < readerOf.length; shard++) {
      readerOf[shard] = copies.readerOf(shard);
    }
  }

  /** The shard of a key: an index into {@link #primaries}. */
  int shardFor(byte[] key, int length) {
    return placement.shardOf(placement.groupOf(key, 0, length));
  }

  /** The shard that is asked for the data of another. */
  int readerOf(int shard) {
    return readerOf[shard];
  }
}
