package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.Unpooled;

/**
 * Why a node gave no reply.
 *
 * @param kind what happened
 * @param error the whole error reply for a client, line end included
 * @param beforeReply whether the connection ended before the first byte of the reply: the same
 *     request may succeed on another, if it may be sent twice at all
 * @param inDoubt whether the request had left, and may have been executed
 */
public record NodeFailure(FailureKind kind, byte[] error, boolean beforeReply, boolean inDoubt) {

  private static final String IN_DOUBT = "; the request may have been executed";

  /** What happened to a request whose client has left. */
  public static final NodeFailure ABANDONED =
      of(FailureKind.ABANDONED, "The client left before the reply");

  /** A failure of another kind than a connection that ended before the reply. */
  public NodeFailure(FailureKind kind, byte[] error) {
    this(kind, error, false, false);
  }

  /** A failure that a client sees as {@code -ERR text}. */
  public static NodeFailure of(FailureKind kind, String text) {
    return new NodeFailure(kind, Replies.error("ERR " + text));
  }

  /** The same, for a request that has left: whether it was executed cannot be known. */
  NodeFailure afterSending() {
    return new NodeFailure(kind, Replies.error("ERR " + text() + IN_DOUBT), false, true);
  }

  /** The same, for a request that has not been sent because of what happened to another. */
  public NodeFailure ofUnsent() {
    String text = text();
    return inDoubt ? of(kind, text.substring(0, text.length() - IN_DOUBT.length())) : this;
  }

  /** The same, for a request to which no byte of a reply has come. */
  NodeFailure beforeReplyBegan() {
    return new NodeFailure(kind, error, kind == FailureKind.CLOSED, inDoubt);
  }

  /** Whether the server never had the request: it may be sent to another, whatever it is. */
  public boolean unsent() {
    return switch (kind) {
      case REFUSED, UNREACHABLE, UNRESOLVED, HANDSHAKE, CIRCUIT_OPEN, MAINTENANCE -> true;
      case TIMEOUT, CLOSED, STOPPING -> !inDoubt;
      case PROTOCOL, OVERLOADED, ABANDONED -> false;
    };
  }

  /** What the server has said of the request; {@link Verdict#ANSWER}: nothing of the kind. */
  public Verdict verdict() {
    return Verdict.of(Unpooled.wrappedBuffer(error), 0, error.length);
  }

  /** The text of the error, without code and line end. */
  public String text() {
    String line = new String(error, 1, error.length - 3, java.nio.charset.StandardCharsets.UTF_8);
    return line.substring(line.indexOf(' ') + 1);
  }
}
