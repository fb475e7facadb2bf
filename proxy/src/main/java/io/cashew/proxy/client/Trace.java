package io.cashew.proxy.client;

import io.cashew.proxy.backend.Node;

/** What a client leaves behind at a node when it leaves, until the node has forgotten it. */
public enum Trace {
  /** It has waited for a key: the node may give it what others write. */
  WAITS,

  /** It has listened: the node counts it among the receivers of what others publish. */
  LISTENS;

  /** One at one node. */
  public record At(Trace trace, Node node) {}
}
