package io.cashew.proxy.client.connection;

import io.netty.buffer.ByteBuf;

/**
 * A large request of one client that is sent on while it is still coming in. Confined to the
 * worker.
 *
 * <p>It has a connection of its own, so that a client that is slow, breaks the protocol or leaves
 * harms nobody else.
 */
abstract class Upload {
  /** Keys have moved: if it has not begun, it looks again where it goes. */
  abstract void lookAgain();

  /** Whether its first byte has passed. */
  abstract boolean started();

  /** Whether the last byte has passed. */
  abstract boolean ended();

  /** Whether the node takes nothing now; the client is told when it does. */
  abstract boolean blocked();

  /**
   * Passes on what can be passed on. Called when the client is owed no reply, so that its earlier
   * requests are done before this one begins.
   *
   * @return index of the first byte that must come again, with more behind it
   */
  abstract int take(ByteBuf in, int from, int to);

  /**
   * The client has left, or has broken the protocol: the rest will not come.
   *
   * @param error the reply
   * @return whether this was given; if not, the request had its reply already, or has not begun
   */
  abstract boolean abort(byte[] error);
}
