package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not executed where it was sent: what its client gets if no other server is
 * found in time.
 */
sealed interface Refusal {
  byte[] OTHER_NODE = Replies.error("CROSSSLOT Keys in request don't hash to the same node");

  byte[] OTHER_SLOT = Replies.error("CROSSSLOT Keys in request don't hash to the same slot");

  /**
   * Keys of a request are of several groups.
   *
   * @param slots whether groups are slots
   * @param one where a key is; null: it is not known
   * @param other where another key is
   */
  static byte[] severalGroups(boolean slots, @Nullable Backend one, @Nullable Backend other) {
    if (one == null || other == null || one.node().pool().equals(other.node().pool())) {
      return slots ? OTHER_SLOT : OTHER_NODE;
    }
    return Replies.error(
        "CROSSSLOT Keys in request don't hash to the same node: pool '"
            + one.node().pool()
            + "' has some of them and pool '"
            + other.node().pool()
            + "' has others");
  }

  /**
   * No server was found in time for keys whose slot moves.
   *
   * @param last what was said last of it
   * @param overtaken whether a later request for one of its keys was executed first
   */
  static Refusal notExecuted(String pool, int slot, Verdict last, boolean overtaken) {
    String of = "slot " + slot + " of pool '" + pool + "'";
    String why =
        overtaken
            ? "a later request of this client for one of its keys was executed first while "
                + of
                + " moved"
            : last == Verdict.TRYAGAIN
                ? "the keys of " + of + " were at two servers until the time-out"
                : "no server was found in time that has " + of;
    return new Said(Replies.error("CLUSTERDOWN The request was not executed: " + why));
  }

  /** A server sends a request elsewhere, and what it says is no address. */
  static Refusal leadsNowhere(String node) {
    return new Said(
        Replies.error(
            "CLUSTERDOWN The request was not executed: node '"
                + node
                + "' says that the slot is elsewhere, and not where"));
  }

  /**
   * The request cannot be sent again.
   *
   * @param bytes of it
   */
  static Refusal tooLarge(Verdict verdict, long bytes) {
    return new Said(
        Replies.error(
            "CLUSTERDOWN The request was not executed: "
                + verdict.help()
                + ", and a request of "
                + bytes
                + " bytes was not kept to follow it; send it again"));
  }

  /** An error, the server's own or of the proxy. */
  record Said(byte[] error) implements Refusal {}

  /** The server never had the request. */
  record Unsent(NodeFailure failure) implements Refusal {}
}
