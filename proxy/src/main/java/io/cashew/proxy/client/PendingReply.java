package io.cashew.proxy.client;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirects;
import io.netty.buffer.ByteBuf;

/**
 * What a client is owed for one request, as those see it who give it, or look at it when it is
 * over: a reply of a node's, or one of the proxy's own. Confined to the client's worker.
 */
public abstract class PendingReply extends Exchange {
  /** No reply. */
  public static final byte[] NOTHING = {};

  /** Is told that a reply is over. */
  public interface Over {
    /**
     * The reply is all here, or will not come.
     *
     * @param type the first byte of the reply; {@code -} also if there was none, and {@code _} for
     *     the null of RESP2 that is written as an array
     */
    void over(byte type);
  }

  /** Of a reply that is an error, its first word. Left over from another request if it is none. */
  private String errorWord = "";

  protected PendingReply(Redirects redirects) {
    super(redirects);
  }

  /** The reply is an error that begins with this word. */
  protected final void errorWord(String word) {
    errorWord = word;
  }

  /** The first word of the reply, if it {@linkplain #isError is an error}. */
  public final String errorWord() {
    return errorWord;
  }

  /**
   * Keeps the request, which is about to be sent whole to a server, for the case that this has not
   * the slot, whoever takes the answer first.
   */
  public final void mayComeBackFrom(Backend to, RequestFrame frame) {
    mayGoElsewhere(frame, false, false);
    sentTo(to);
  }

  /** Calls {@code hook} when the reply is all here, even if the client has left by then. */
  public abstract void whenOver(Over hook);

  /** Gives a reply of the proxy's own. */
  public abstract void give(byte[] wholeReply);

  /** Gives the confirmations of a subscription, behind the messages that wait; borrows them. */
  public abstract void confirm(ByteBuf confirmations);

  /** Whether the reply is an error. */
  public abstract boolean isError();

  /** Bytes of the reply that have come. */
  public abstract long replyBytes();

  /** How long the reply has waited for its client. */
  public abstract long writeBackNanos(long nowNanos);
}
