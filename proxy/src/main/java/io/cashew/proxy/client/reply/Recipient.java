package io.cashew.proxy.client.reply;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.command.Command;

/** Whoever the replies of a {@link ReplyQueue} are for, as far as the queue has to know. */
public interface Recipient {
  /** Whether the connection has ended: what is owed is given back with the queue. */
  boolean closed();

  /** Whether messages are written as in RESP3. */
  boolean resp3();

  /** The connections that a request takes when it is sent once more. */
  Lane lane();

  /** A request is to be sent again: the next ones must not overtake it. */
  void requestWaits();

  /** The reply to a request that is timed is over, and all of it is on its way. */
  void replyOver(PendingReply reply, Command command);

  /** Replies were given: what waited for that goes on. */
  void repliesGiven();

  /** Looks soon, and not within whatever is going on, whether more requests may be taken. */
  void resumeSoon();

  /** Part of a reply may be with the client already, and its rest will not come. */
  void breakOff(NodeFailure failure);

  /** The client leaves more of its replies unread than it may. */
  void closeForUnreadReplies();

  /** There is no memory for what the client leaves unread. */
  void closeForMemory();
}
