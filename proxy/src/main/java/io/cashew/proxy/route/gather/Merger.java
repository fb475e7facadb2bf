package io.cashew.proxy.route.gather;

import io.cashew.proxy.resp.ReplyValue;

/** Makes one reply of those of several nodes. */
public interface Merger {

  /**
   * Merges.
   *
   * @throws IllegalArgumentException if a reply is not of the shape that it should have
   */
  ReplyValue merge(NodeReplies replies);

  /**
   * How many of {@code nodes} must answer without an error; if fewer do, the first error is the
   * reply, else the errors of the others do not count.
   */
  default int needed(int nodes) {
    return nodes;
  }
}
