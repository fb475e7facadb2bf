package io.cashew.proxy.config;

/** Where the keys of an ejected node go. */
public enum EjectRing {
  /** Over the others, whose own keys stay where they are. */
  KEEP,
  /**
   * Where the distribution without the node puts them, as twemproxy does: keys of nodes that are
   * well may move too, all of them under {@code modula}.
   */
  REBUILD
}
