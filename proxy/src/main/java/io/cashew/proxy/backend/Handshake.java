package io.cashew.proxy.backend;

import io.cashew.proxy.resp.ReplyDecoder;
import io.netty.buffer.ByteBuf;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The answers to what a new connection sends before any request, in their order. Confined to the
 * connection's worker.
 */
final class Handshake {
  /** Takes the answer to a step, a line. */
  interface Answered {
    void answered(HandshakeStep step, String text);
  }

  private final ReplyDecoder decoder;
  private final Iterator<HandshakeStep> steps;
  private final Answered answered;
  private @Nullable TextReply answer;

  /** Nothing has been answered. */
  Handshake(BackendSettings settings, Answered answered) {
    decoder = new ReplyDecoder(settings.maxBulkLength(), settings.resp3());
    steps = settings.handshake().iterator();
    this.answered = answered;
    next();
  }

  private void next() {
    if (steps.hasNext()) {
      HandshakeStep step = steps.next();
      answer =
          new TextReply(
              text -> {
                next();
                answered.answered(step, text);
              });
    } else {
      answer = null;
    }
  }

  /** Whether every step has been answered. */
  boolean over() {
    return answer == null;
  }

  /**
   * Reads an answer, or a part of it; not all are over.
   *
   * @return index after what was read
   */
  int read(ByteBuf in, int from, int to) {
    int end = decoder.feed(in, from, to);
    int at = end < 0 ? to : end;
    TextReply reply = answer;
    if (reply != null) {
      reply.onReply(in, from, at - from, end >= 0);
    }
    return at;
  }
}
