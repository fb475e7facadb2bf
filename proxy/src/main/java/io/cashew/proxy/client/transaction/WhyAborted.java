package io.cashew.proxy.client.transaction;

import io.cashew.proxy.backend.Node;
import org.jspecify.annotations.Nullable;

/** What the client is told of a transaction that is not carried out. Stateless. */
final class WhyAborted {
  private WhyAborted() {}

  /**
   * The end of the sentence.
   *
   * @param refused whether a request of it was refused; else the connection to its node has ended
   * @param unsaid why, if the client has not been told; null: it has
   * @param node where its keys are; null: none was named
   */
  static String text(boolean refused, @Nullable String unsaid, @Nullable Node node) {
    if (unsaid != null) {
      return ": " + unsaid;
    }
    return refused || node == null
        ? " previous errors."
        : ": the connection to node '"
            + node.name()
            + "' ("
            + node.address().text()
            + ") has ended, and with it what was queued there";
  }
}
