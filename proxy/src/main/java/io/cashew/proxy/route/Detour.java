package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import org.jspecify.annotations.Nullable;

/**
 * What a request goes through that a server has not executed: from where it has come back, why, and
 * how long it may look for another server. Confined to the worker.
 */
final class Detour {
  private final long deadlineNanos;
  private Backend from;
  private @Nullable Refusal refusal;
  private boolean dropsReply;
  private int hops;

  /** The beginning of a detour that may last until {@code deadlineNanos}. */
  Detour(Backend from, long deadlineNanos) {
    this.from = from;
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * The request has come back.
   *
   * @param why what ends it if no other server is found in time; null: it was answered, and is
   *     asked again behind others that have come back
   */
  void comesBack(Backend where, @Nullable Refusal why) {
    from = where;
    refusal = why;
    dropsReply = true;
  }

  /** Whether bytes of a reply that still come belong to the answer that is not given. */
  boolean dropsReply() {
    return dropsReply;
  }

  /** The request is sent again. @return how many servers it has gone to after the first */
  int sentTo(Backend to) {
    dropsReply = false;
    return to == from ? hops : ++hops;
  }

  Backend from() {
    return from;
  }

  @Nullable Refusal refusal() {
    return refusal;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
