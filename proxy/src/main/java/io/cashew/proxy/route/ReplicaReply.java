package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;

/** What counts of that which replicas say. */
final class ReplicaReply {
  private ReplicaReply() {}

  /**
   * Whether a replica says something that the primary might not: an error, or that there is no such
   * key while keys may have moved.
   *
   * @param buf holds the first piece of what it says, an error whole; borrowed
   */
  static boolean isNoAnswer(
      Backend replica, Verdict verdict, ByteBuf buf, int index, int length, RequestHome home) {
    if (verdict != Verdict.ANSWER) {
      replica.node().refuses(verdict);
      return true;
    }
    byte type = buf.getByte(index);
    if (type == '-') {
      return home.fallsBackToPrimary();
    }
    boolean isNil = type == '_' || (length > 1 && type != ':' && buf.getByte(index + 1) == '-');
    return isNil && home.hasJustChanged();
  }
}
