package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.TimedFill;
import io.cashew.proxy.cache.TimedPart;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.memcached.ItemReply;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.memcached.Verb;
import io.cashew.proxy.memcached.Words;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of memcached's requests past the near cache. {@code get} is answered from memory if that
 * knows all of its keys; what else is about a key ends what is kept of it: when it is answered, and
 * if it may write, when it is sent, too. By routes, each key has what its pool keeps, so that what
 * comes by these and what comes to the pool's own port meet. One per pool and worker with such
 * rules, confined to it.
 */
final class MemcachedCache {
  private final PoolPart pool;

  /**
   * By the places of the pools to which routes lead, or that of the pool; null: it keeps nothing.
   */
  private final @Nullable TimedPart[] parts;

  /** Of the get that is about to be sent: what hears of the keys of each pool. */
  private final @Nullable TimedFill[] fills;

  /** Items of the get that is being answered. */
  private final List<byte[]> items = new ArrayList<>();

  /**
   * Of the clients of a pool.
   *
   * @param parts what the pool keeps, or each of the pools to which its routes lead, in their order
   */
  MemcachedCache(PoolPart pool, @Nullable TimedPart... parts) {
    this.pool = pool;
    this.parts = parts;
    fills = new TimedFill[parts.length];
  }

  /** A reply to a get from memory; null: that does not know all of its keys. */
  byte @Nullable [] answer(RequestFrame frame, Verb verb) {
    if (verb != Verb.GET) { // others say of what version an item is, or change its life
      return null;
    }
    int keys = frame.argc() - 1;
    return keys == 1 ? ofOne(frame) : ofSeveral(frame, keys);
  }

  /** What is kept by the pool of a key; null: nothing is. */
  private @Nullable TimedPart partOf(RequestFrame frame, int word) {
    return parts[pool.router().poolOf(frame, word)];
  }

  private static @Nullable CacheRule ruleOf(
      @Nullable TimedPart part, RequestFrame frame, int word) {
    return part == null ? null : part.ruleOf(frame.buf(), frame.offset(word), frame.length(word));
  }

  private byte @Nullable [] ofOne(RequestFrame frame) {
    TimedPart part = partOf(frame, 1);
    CacheRule rule = ruleOf(part, frame, 1);
    if (part == null || rule == null) {
      return null;
    }
    byte[] value = part.value(rule);
    if (value != null) {
      part.isHit(rule);
      return value;
    }
    if (part.isMissing(rule)) {
      part.isMissingHit(rule);
      return Words.END;
    }
    part.isMiss(rule);
    return null;
  }

  private byte @Nullable [] ofSeveral(RequestFrame frame, int keys) {
    items.clear();
    for (int word = 1; word <= keys; word++) {
      TimedPart part = partOf(frame, word);
      CacheRule rule = ruleOf(part, frame, word);
      byte[] value = part == null || rule == null ? null : part.value(rule);
      if (value != null) {
        items.add(value);
      } else if (part == null || rule == null || !part.isMissing(rule)) {
        countMisses(frame, keys);
        return null;
      }
    }
    for (int word = 1; word <= keys; word++) {
      TimedPart part = partOf(frame, word);
      CacheRule rule = ruleOf(part, frame, word);
      if (part != null && rule != null && part.value(rule) != null) {
        part.isHit(rule);
      } else if (part != null && rule != null) {
        part.isMissingHit(rule);
      }
    }
    return ItemReply.join(items);
  }

  private void countMisses(RequestFrame frame, int keys) {
    for (int word = 1; word <= keys; word++) {
      TimedPart part = partOf(frame, word);
      CacheRule rule = ruleOf(part, frame, word);
      if (part != null && rule != null) {
        part.isMiss(rule);
      }
    }
  }

  /**
   * A get is about to be sent.
   *
   * @param keepsMissing whether what is not there is known to exist nowhere
   * @return hears of the reply; null: nothing is kept of its keys
   */
  @Nullable ReplyWatch watchOfGet(RequestFrame frame, Verb verb, boolean keepsMissing) {
    List<ReplyWatch> all = null;
    for (int word = verb.firstKey(); word < frame.argc(); word++) {
      int place = pool.router().poolOf(frame, word);
      TimedPart part = parts[place];
      CacheRule rule = ruleOf(part, frame, word);
      if (part == null || rule == null) {
        continue;
      }
      all = all == null ? new ArrayList<>(1) : all;
      if (verb == Verb.GET) {
        TimedFill fill = fills[place];
        if (fill == null) {
          fills[place] = fill = part.fill(keepsMissing);
          all.add(fill);
        }
        fill.asksForLookedAt(rule, nodeOf(frame, word));
      } else {
        all.add(part.ends(verb == Verb.GAT || verb == Verb.GATS));
      }
    }
    Arrays.fill(fills, null);
    return allOf(all);
  }

  private static @Nullable ReplyWatch allOf(@Nullable List<ReplyWatch> all) {
    return all == null ? null : all.size() == 1 ? all.get(0) : new SeveralWatches(all);
  }

  private Node nodeOf(RequestFrame frame, int word) {
    return pool.router().backends().get(pool.router().nodeFor(frame, word)).node();
  }

  /**
   * A request for one key that is no get is about to be sent.
   *
   * @return hears of the reply; null: nothing is kept of its key
   */
  @Nullable ReplyWatch watch(RequestFrame frame, MemcachedDecoder request) {
    int word = request.verb().firstKey();
    TimedPart part;
    CacheRule rule;
    if (request.base64()) {
      byte[] decoded = MemcachedDecoder.decodedKey(frame);
      byte[] key = decoded == null ? new byte[0] : decoded;
      part = parts[pool.router().poolOf(key)];
      rule = part == null ? null : part.ruleOf(Unpooled.wrappedBuffer(key), 0, key.length);
    } else {
      part = partOf(frame, word);
      rule = ruleOf(part, frame, word);
    }
    boolean reads = request.verb() == Verb.ME;
    return part == null || rule == null ? null : part.ends(!reads);
  }

  /** Every node is about to be asked to flush. */
  @Nullable ReplyWatch watchOfFlush(RequestFrame frame) {
    long seconds = 0;
    if (frame.argc() > 1) {
      byte[] word = ByteBufUtil.getBytes(frame.buf(), frame.offset(1), frame.length(1));
      for (int i = 0; i < word.length && word[i] >= '0' && word[i] <= '9'; i++) {
        seconds = seconds * 10 + word[i] - '0';
      }
    }
    List<ReplyWatch> all = new ArrayList<>(parts.length);
    for (TimedPart each : parts) {
      if (each != null) {
        all.add(each.flushes(seconds));
      }
    }
    return allOf(all);
  }
}
