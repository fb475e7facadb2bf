package io.cashew.proxy.config;

/** What the clients and the nodes of a pool speak. */
public enum Protocol {
  REDIS,
  MEMCACHED
}
