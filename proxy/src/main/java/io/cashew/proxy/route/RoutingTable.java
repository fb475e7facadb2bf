package io.cashew.proxy.route;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.function.HashTag;
import java.util.Optional;

/**
 * An immutable snapshot of where keys go. Made by the control thread, installed on each worker.
 *
 * @param version counts the tables of a pool, from 1
 * @param tag what encloses the part of a key that is hashed; empty: all of it is
 * @param keys key to index of a node in the configuration; ejected nodes get none
 * @param copies which nodes hold the same data
 */
public record RoutingTable(long version, Optional<HashTag> tag, KeyMapper keys, Copies copies) {

  /** The node on which a channel is published and listened to: its index in the configuration. */
  public int nodeOfChannel(byte[] name) {
    return copies.readerOf(keys.nodeFor(name, 0, name.length));
  }
}
