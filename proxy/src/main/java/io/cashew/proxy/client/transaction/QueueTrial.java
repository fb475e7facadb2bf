package io.cashew.proxy.client.transaction;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a node whether it would queue a request, in a transaction that is discarded: for requests
 * that name no key, and of whose node nothing is known until a later one does. Its answer is the
 * client's, word for word. Confined to the worker.
 */
final class QueueTrial {
  private static final byte[] MULTI = Replies.bytes("*1\r\n$5\r\nMULTI\r\n");
  private static final byte[] DISCARD = Replies.bytes("*1\r\n$7\r\nDISCARD\r\n");

  private final Lease lease;

  private QueueTrial(Lease lease) {
    this.lease = lease;
  }

  /** A trial on the first node that has requests; null: no node can be asked. */
  static @Nullable QueueTrial on(List<Backend> backends, Lane lane) {
    for (Backend backend : backends) {
      Lease lease = backend.node().circuitOpen() ? null : backend.lease(lane);
      if (lease != null) {
        return new QueueTrial(lease);
      }
    }
    return null;
  }

  /**
   * Asks.
   *
   * @param slot takes what the node says to the request; of one that takes nothing at the moment,
   *     that the request is queued: the node of the first key has its say as well
   */
  void ask(RequestFrame frame, PendingReply slot) {
    slot.onLease(
        (verdict, to) -> {
          if (verdict.notExecuted()) {
            slot.give(Transaction.QUEUED);
          }
          return verdict.notExecuted();
        });
    lease.send(
        MULTI,
        text -> {
          if (!text.equals("+OK")) {
            lease.close(); // the request would run
          }
        });
    lease.send(frame.buf(), frame.start(), frame.length(), slot);
    lease.send(DISCARD, text -> {});
    lease.giveBack();
  }
}
