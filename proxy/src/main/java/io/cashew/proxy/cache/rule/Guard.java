package io.cashew.proxy.cache.rule;

/** What keeps requests for keys that do not exist away from the servers. */
public enum Guard {
  /** Nothing. */
  OFF,

  /** A filter of the keys that exist answers for those that surely do not. */
  EXISTING
}
