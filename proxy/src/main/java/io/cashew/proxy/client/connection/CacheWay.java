package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/**
 * The way of requests past what the proxy keeps, in a pool whose keys have rules for that. {@link
 * #concerns} is asked first, of each request, and nothing else of one that it does not concern.
 * {@link #answers} is asked before a request is sent, and {@link #sent} told when that is done.
 */
interface CacheWay {
  /** The pool has other commands. */
  void forgetCommands();

  /** Whether a request, which may be malformed, has to do with what is kept. */
  boolean concerns(ConnectedClient client, Command command, RequestFrame frame);

  /** A client sends a request, which may have to wait for the replies before it. */
  void comes(ConnectedClient client, Command command);

  /**
   * Whether a request must wait for replies that come with those of other requests: a write, and a
   * read of the same key, which would be executed before what is replied to before it.
   */
  boolean holds(ConnectedClient client, Command command, RequestFrame frame);

  /** A request was queued in a transaction, or refused. */
  void queued(ConnectedClient client, Command command, RequestFrame frame);

  /**
   * Answers a request from memory, if it may and can; else it must be sent next, and {@link #sent}
   * told.
   *
   * @return whether the request has its reply, or will have another client's
   */
  boolean answers(ConnectedClient client, Command command, RequestFrame frame);

  /**
   * Whether keys of the request that must be sent next may be given from memory although their
   * nodes say that they are not there: its reply is merged, also if it is that of one node.
   */
  boolean givesElements();

  /** A request that memory did not answer was sent, refused, or has failed. */
  void sent(ConnectedClient client);

  /** A large request whose one key is known is about to be sent while it comes in. */
  void uploads(ConnectedClient client, Command command, RequestFrame frame, ReplySlot slot);
}
