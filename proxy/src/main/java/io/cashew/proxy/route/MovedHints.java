package io.cashew.proxy.route;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.resp.Redirection;
import org.jspecify.annotations.Nullable;

/**
 * Tells of slots that are elsewhere: one a tick, however many requests show it, since each is a
 * reason to look at all slots anew. Confined to the worker.
 */
final class MovedHints {
  private long toldTickMillis = -1;
  private @Nullable Node from;
  private @Nullable Redirection next;

  /** A server has said so. */
  void moved(Node server, Redirection where, long tickMillis) {
    if (tickMillis != toldTickMillis) {
      toldTickMillis = tickMillis;
      server.moved(where.slot(), where.address());
    } else if (next == null) {
      from = server;
      next = where.copy();
    }
  }

  /** A tick has begun: tells what was kept back in the last. */
  void onTick(long tickMillis) {
    Node server = from;
    Redirection where = next;
    if (server != null && where != null) {
      from = null;
      next = null;
      moved(server, where, tickMillis);
    }
  }
}
