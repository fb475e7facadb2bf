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
 */
public record RoutingTable(long version, Optional<HashTag> tag, KeyMapper keys) {

  /** The node of a key or a channel: its index in the configuration. */
  public int nodeOf(byte[] name) {
    return keys.nodeFor(name, 0, name.length);
  }
}
