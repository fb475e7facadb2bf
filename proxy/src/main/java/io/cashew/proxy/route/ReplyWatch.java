package io.cashew.proxy.route;

import io.cashew.proxy.backend.NodeFailure;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Hears what servers say to one request before its client does, and hears it also if the client has
 * left. Confined to the worker. Each watch hears one end: a last piece, or that there is none.
 */
public interface ReplyWatch {
  /**
   * A piece of the reply, in order.
   *
   * @param buf holds the bytes; borrowed
   * @param last whether the reply ends with this piece
   * @return whether the reply, which is here whole, is not to be given: another one will come
   */
  boolean onReply(ByteBuf buf, int index, int length, boolean last);

  /**
   * No server's reply is given, or no more of it.
   *
   * @param failure what happened to the server; null: the proxy has another reason
   * @return what is given instead of an error that says what happened to the server; null: nothing
   */
  byte @Nullable [] onNoReply(@Nullable NodeFailure failure);

  /** What is given for single keys of the request in the reply; null: what the nodes say. */
  default @Nullable Substitutes substitutes() {
    return null;
  }

  /** Instead of all that: the request had its reply, an error, before it was sent to anybody. */
  default void onNotSent() {
    onNoReply(null);
  }
}
