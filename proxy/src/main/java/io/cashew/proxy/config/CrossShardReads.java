package io.cashew.proxy.config;

/** What becomes of a read over keys of several nodes that no node can answer. */
public enum CrossShardReads {
  /** {@code CROSSSLOT}. */
  REFUSE,
  /** What each key has is asked for, and the reply computed of it. */
  COMPUTE
}
