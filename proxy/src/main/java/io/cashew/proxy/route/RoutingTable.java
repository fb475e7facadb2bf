package io.cashew.proxy.route;

import io.cashew.hashing.KeyMapper;

/**
 * An immutable snapshot of where keys go. Made by the control thread, installed on each worker.
 *
 * @param version counts the tables of a pool, from 1
 * @param keys key to index of a node in the configuration; ejected nodes get none
 */
public record RoutingTable(long version, KeyMapper keys) {}
