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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of memcached's requests past the near cache. {@code get} is answered from memory if that
 * knows all of its keys; what else is about a key ends what is kept of it: when it is answered, and
 * if it may write, when it is sent, too. One per pool and worker with such rules, confined to it.
 */
final class MemcachedCache {
  private final PoolPart pool;
  private final TimedPart part;

  /** Items of the get that is being answered. */
  private final List<byte[]> items = new ArrayList<>();

  MemcachedCache(PoolPart pool, TimedPart part) {
    this.pool = pool;
    this.part = part;
  }

  TimedPart part() {
    return part;
  }

  /** A reply to a get from memory; null: that does not know all of its keys. */
  byte @Nullable [] answer(RequestFrame frame, Verb verb) {
    if (verb != Verb.GET) { // others say of what version an item is, or change its life
      return null;
    }
    int keys = frame.argc() - 1;
    return keys == 1 ? ofOne(frame) : ofSeveral(frame, keys);
  }

  private @Nullable CacheRule ruleOf(RequestFrame frame, int word) {
    return part.ruleOf(frame.buf(), frame.offset(word), frame.length(word));
  }

  private byte @Nullable [] ofOne(RequestFrame frame) {
    CacheRule rule = ruleOf(frame, 1);
    if (rule == null) {
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
      CacheRule rule = ruleOf(frame, word);
      byte[] value = rule == null ? null : part.value(rule);
      if (value != null) {
        items.add(value);
      } else if (rule == null || !part.isMissing(rule)) {
        countMisses(frame, keys);
        return null;
      }
    }
    for (int word = 1; word <= keys; word++) {
      CacheRule rule = ruleOf(frame, word);
      if (rule != null && part.value(rule) != null) {
        part.isHit(rule);
      } else if (rule != null) {
        part.isMissingHit(rule);
      }
    }
    return ItemReply.join(items);
  }

  private void countMisses(RequestFrame frame, int keys) {
    for (int word = 1; word <= keys; word++) {
      CacheRule rule = ruleOf(frame, word);
      if (rule != null) {
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
    TimedFill fill = null;
    List<ReplyWatch> ends = null;
    for (int word = verb.firstKey(); word < frame.argc(); word++) {
      CacheRule rule = ruleOf(frame, word);
      if (rule != null && verb == Verb.GET) {
        fill = fill == null ? part.fill(keepsMissing) : fill;
        fill.asksForLookedAt(rule, nodeOf(frame, word));
      } else if (rule != null) {
        ends = ends == null ? new ArrayList<>() : ends;
        ends.add(part.ends(verb == Verb.GAT || verb == Verb.GATS));
      }
    }
    return fill != null ? fill : ends == null ? null : new SeveralWatches(ends);
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
    CacheRule rule;
    if (request.base64()) {
      byte[] key = MemcachedDecoder.decodedKey(frame);
      ByteBuf bytes = key == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(key);
      rule = part.ruleOf(bytes, 0, bytes.readableBytes());
    } else {
      rule = ruleOf(frame, word);
    }
    boolean reads = request.verb() == Verb.ME;
    return rule == null ? null : part.ends(!reads);
  }

  /** Every node is about to be asked to flush. */
  ReplyWatch watchOfFlush(RequestFrame frame) {
    long seconds = 0;
    if (frame.argc() > 1) {
      byte[] word = ByteBufUtil.getBytes(frame.buf(), frame.offset(1), frame.length(1));
      for (int i = 0; i < word.length && word[i] >= '0' && word[i] <= '9'; i++) {
        seconds = seconds * 10 + word[i] - '0';
      }
    }
    return part.flushes(seconds);
  }
}
