package io.cashew.proxy.client;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.route.RequestOrder;
import io.cashew.proxy.route.Route;
import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client, as those see it that answer its requests and send it messages. Confined to its
 * worker, but for {@link #pool} and its worker.
 */
public interface Client {
  /** The pool's part on the client's worker. */
  PoolPart pool();

  /** What it has said of itself. */
  Session session();

  /** Where it is; null: at a unix socket, perhaps. */
  @Nullable SocketAddress address();

  // ---------------------------------------------------------------- answers

  /** Gives a reply of the proxy's own in its turn; borrows it. */
  void reply(ByteBuf reply);

  /** Gives a reply of the proxy's own in its turn. */
  void reply(byte[] reply);

  /** Gives an error in its turn, and counts it. */
  void refuse(RefusalKind kind, String error);

  /** A slot behind all others of this client. */
  PendingReply addSlot();

  /** As above, for a reply that is merged of those of several nodes, which are held until then. */
  PendingReply addSlotForMerged();

  /**
   * A slot for a request that may take long without a reply: messages come before it. Only when
   * nothing else is owed.
   */
  PendingReply addSlotThatPushesPass();

  /** Nothing more is taken until the client is owed nothing. */
  void waitForReplies();

  /**
   * Keeps the reply to the request that is being handled back; nothing else is taken meanwhile.
   *
   * @param over runs when it is given, or would have been
   */
  void answerLate(long millis, Runnable over);

  /** Its requests that are under way. */
  RequestOrder order();

  /** Which requests are answered. */
  ReplyMode replyMode();

  /** How many replies of nodes the client has been given; -1 while one is owed. */
  long settledReplies();

  // ---------------------------------------------------------------- nodes

  /** Which connections to nodes its requests take. */
  Lane lane();

  /** Takes no more requests until this backend, to which one was sent, has room; null: it has. */
  void feeds(@Nullable Backend overloaded);

  /**
   * A request was given to the router.
   *
   * @param reply to it; over already, perhaps, unless it is refused
   * @param route what has become of it; not kept
   */
  default void routed(PendingReply reply, Route route) {
    if (route.isRefused()) {
      reply.give(route.refusal());
    } else {
      feeds(route.busy());
    }
  }

  /** Which connections its writes have gone over. */
  Written written();

  /** It may have written to a node over a connection that it leases. */
  void wroteElsewhere(Node to);

  /** Its requests take connections of its own from now on; null: those that clients share. */
  void track(@Nullable Tracker tracker);

  /** Runs {@code task} when its next request has been sent. */
  void afterNextRequest(Runnable task);

  // ---------------------------------------------------------------- modes and messages

  /** What becomes of its requests. */
  Mode mode();

  /** Its requests are this mode's from now on. */
  void enter(Mode mode);

  /** They are this mode's no longer. */
  void leave(Mode mode);

  /** How many channels, patterns and shard channels it listens to. */
  void subscribed(int channels, int patterns, int shardChannels);

  /**
   * Gives a message between replies: not within one, not before those of requests that are under
   * way already, one of which may have caused it. As a node sends it to a client of RESP2; borrows
   * it.
   */
  void push(ByteBuf message, int index, int length);

  /**
   * As {@link #push}, for a message that came on a connection of this client's own: its order among
   * the replies there is known, and kept.
   */
  void pushInOrder(ByteBuf message, int index, int length);

  // ---------------------------------------------------------------- who it is

  /** The client has proved who it is. */
  void become(User user);

  /**
   * The client speaks a version of the protocol and means a database from now on. If its requests
   * take other connections then, those that are under way come first.
   */
  void speak(boolean resp3, int database);

  /** The client is as if it had just connected: what nodes remember of it ends. */
  void reset();

  // ---------------------------------------------------------------- the end

  /** Whether the client has said that it will send nothing more. */
  boolean inputEnded();

  /** Takes no more requests; the connection ends with the last reply that is owed. */
  void closeAfterReplies();

  /** Ends the connection now. What it waits for is for others from here on. */
  void close();

  /** Closes a subscriber for which more has been published than it may leave unread. */
  void closeSlowSubscriber();

  /** Whether it has been given all that it will be: to others it is gone. */
  boolean over();

  /** {@code CLIENT PAUSE} has ended. */
  void pauseIsOver();

  /** Ends the wait for a blocking command: see {@link Mode#unblock}. */
  void unblock(boolean withError, Consumer<Boolean> done);

  // ---------------------------------------------------------------- CLIENT LIST

  /** When it came, in ticks of the worker. */
  long connectedTickMillis();

  /** What others may know of it at this moment. */
  Figures figures();

  /** What {@code CLIENT LIST} tells of a client beyond its session. */
  interface Figures {
    /** The number of the socket; -1 where the transport does not tell. */
    int fileDescriptor();

    /** Since its last request. */
    long idleSeconds();

    /** Bytes of requests that are not done with, the one that is being handled included. */
    long unhandledBytes();

    /** Bytes of the arguments of the request that is being handled. */
    long argumentBytes();

    /** Bytes of replies and messages that are here for it. */
    long queuedBytes();

    /** Whether it waits: for a key, or for the end of {@code CLIENT PAUSE}. */
    boolean blocked();

    /** Whether no more requests are taken, and the connection ends with the last reply owed. */
    boolean closing();
  }
}
