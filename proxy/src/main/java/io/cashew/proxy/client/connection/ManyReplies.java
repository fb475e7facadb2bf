package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.Seat;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Replies to MGET that are made of what memory has. Confined to the worker. */
final class ManyReplies {
  /** An MGET of more keys is asked of the servers. */
  static final int KEYS_MAX = 1024;

  private final PoolPart pool;
  private final CacheOfKey caches;
  private final byte[] @Nullable [] found = new byte[KEYS_MAX] @Nullable [];
  private final @Nullable CacheRule[] rules = new CacheRule[KEYS_MAX];
  private final @Nullable CachePart[] parts = new CachePart[KEYS_MAX];
  private final Kind[] kinds = new Kind[KEYS_MAX];

  /** Why an element is given from memory. */
  private enum Kind {
    KEPT,
    STALE,
    ON_ERROR
  }

  /** Says which cache may have a key. */
  interface CacheOfKey {
    /** That of an argument, which is a key; null: none. */
    @Nullable CachePart of(RequestFrame frame, int argument);
  }

  /**
   * Of the clients of a pool.
   *
   * @param caches those of their keys
   */
  ManyReplies(PoolPart pool, CacheOfKey caches) {
    this.pool = pool;
    this.caches = caches;
  }

  /** Answers MGET if memory knows each of its keys. @return whether it does */
  boolean answers(
      MemoryReplies replies, ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    Seat seat = client.session().seat();
    int keys = frame.argc() - 1;
    if (keys > KEYS_MAX || !MemoryReplies.mayBeServed(client, seat)) {
      return false;
    }
    boolean resp3 = client.session().resp3();
    for (int i = 0; i < keys; i++) {
      if (!finds(i, seat, frame, resp3)) {
        return false;
      }
    }
    ByteBuf out = replies.begin();
    Replies.writeArrayHeader(out, keys);
    for (int i = 0; i < keys; i++) {
      write(i, out);
    }
    replies.give(client, command, out);
    return true;
  }

  /** Looks for a key. @return whether memory has it */
  private boolean finds(int i, Seat seat, RequestFrame frame, boolean resp3) {
    CachePart cache = caches.of(frame, i + 1);
    CacheRule rule = cache == null ? null : cache.ruleOf(frame, i + 1);
    if (cache == null || rule == null || cache.mayBeOwed(seat)) {
      return false;
    }
    kinds[i] = Kind.KEPT;
    byte[] known = cache.peek(rule, resp3);
    if (known == null) {
      kinds[i] = Kind.STALE;
      known = cache.peekStale(rule, seat, true);
    }
    if (known == null && MemoryReplies.cannotAnswer(pool, rule, frame, i + 1)) {
      kinds[i] = Kind.ON_ERROR;
      known = cache.peekOnError(rule);
    }
    found[i] = known;
    rules[i] = rule;
    parts[i] = cache;
    return known != null;
  }

  private void write(int i, ByteBuf out) {
    byte[] element = found[i];
    CacheRule rule = rules[i];
    CachePart cache = parts[i];
    if (element != null && rule != null && cache != null) {
      out.writeBytes(element);
      switch (kinds[i]) {
        case KEPT -> cache.isGiven(rule, element[0] == '_' || element[1] == '-');
        case STALE -> cache.isGivenStale(rule);
        case ON_ERROR -> cache.isGivenOnError(rule);
      }
    }
    found[i] = null;
    rules[i] = null;
    parts[i] = null;
  }
}
