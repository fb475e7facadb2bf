package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.expiry.Jitter;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.memcached.Verb;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes times to live of memcached's requests longer by a rule of their key: whole seconds, and of
 * what remains where a time is one of the clock. Confined to the worker.
 */
final class MemcachedLives {
  /** Longer times are of the clock, for a server: thirty days. */
  static final long LONGEST_SECONDS = 60L * 60 * 24 * 30;

  private final PoolPart pool;
  private final List<TargetRules> targets;
  private final CacheRules rules;
  private final RequestFrame written = new RequestFrame();
  private final Jitter jitter = new Jitter(bound -> ThreadLocalRandom.current().nextLong(bound));

  /**
   * Of the clients of a pool.
   *
   * @param targets the rules of the pools to which its routes lead
   */
  MemcachedLives(PoolPart pool, List<TargetRules> targets) {
    this.pool = pool;
    this.targets = targets;
    rules = pool.settings().rules();
  }

  /**
   * Another time for a request.
   *
   * @param from index of the bytes that it replaces
   * @param behind index behind those
   * @param text in digits
   */
  record Longer(int from, int behind, byte[] text) {}

  /**
   * A request written anew.
   *
   * @return it, until the next is written, with a buffer that the caller releases; null: it stays
   *     as it is
   */
  @Nullable RequestFrame written(
      RequestFrame frame, MemcachedDecoder request, ByteBufAllocator allocator) {
    Longer longer = of(frame, request);
    if (longer == null) {
      return null;
    }
    int moved = longer.text().length - (longer.behind() - longer.from());
    ByteBuf out = allocator.directBuffer(frame.length() + moved);
    out.writeBytes(frame.buf(), frame.start(), longer.from() - frame.start());
    out.writeBytes(longer.text());
    out.writeBytes(frame.buf(), longer.behind(), frame.end() - longer.behind());
    written.begin(out, 0);
    for (int word = 0; word < frame.argc(); word++) {
      int offset = frame.offset(word);
      int end = offset + frame.length(word);
      int begins = offset >= longer.behind() ? offset + moved : offset;
      int ends = end >= longer.behind() ? end + moved : end;
      written.add(begins - frame.start(), ends - begins);
    }
    written.finish(out.writerIndex());
    return written;
  }

  /** That of a request, of which the line is there; null: it stays as it is. */
  @Nullable Longer of(RequestFrame frame, MemcachedDecoder request) {
    int word = wordOfTime(frame, request.verb());
    if (word == 0) {
      return null;
    }
    int percent = percent(frame, request);
    if (percent == 0) {
      return null;
    }
    int from = frame.offset(word) + (request.verb().isMeta() ? 1 : 0);
    int behind = frame.offset(word) + frame.length(word);
    long seconds = 0;
    for (int at = from; at < behind; at++) {
      byte digit = frame.buf().getByte(at);
      if (digit < '0' || digit > '9') { // a time that is over
        return null;
      }
      seconds = Math.min(Integer.MAX_VALUE, seconds * 10 + digit - '0');
    }
    long longer = longer(seconds, percent, System.currentTimeMillis() / 1000, jitter);
    return longer == seconds
        ? null
        : new Longer(from, behind, Long.toString(longer).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * A longer time.
   *
   * @param seconds as a client has set it: 0 is for ever
   * @param clockSeconds now
   */
  static long longer(long seconds, int percent, long clockSeconds, Jitter jitter) {
    boolean ofClock = seconds > LONGEST_SECONDS;
    long life = ofClock ? seconds - clockSeconds : seconds;
    if (life <= 0) {
      return seconds;
    }
    long longer = jitter.longer(life, percent);
    long time = ofClock || longer > LONGEST_SECONDS ? clockSeconds + longer : longer;
    return time > Integer.MAX_VALUE ? seconds : time;
  }

  /** By the rules of the pool; if these say nothing, by those of the pool that has the key. */
  private int percent(RequestFrame frame, MemcachedDecoder request) {
    int word = request.verb().firstKey();
    byte[] key = request.base64() ? MemcachedDecoder.decodedKey(frame) : null;
    if (request.base64() && key == null) {
      return 0;
    }
    int own = percent(rules, frame, word, key);
    if (own > 0 || targets.isEmpty()) {
      return own;
    }
    Router router = pool.router();
    int place = key == null ? router.poolOf(frame, word) : router.poolOf(key);
    return percent(targets.get(place).rules(), frame, word, key);
  }

  private static int percent(
      CacheRules rules, RequestFrame frame, int word, byte @Nullable [] decoded) {
    CacheRule rule =
        decoded == null
            ? rules.of(frame.buf(), frame.offset(word), frame.length(word))
            : rules.of(decoded);
    return rule == null ? 0 : rule.ttlJitterPercent();
  }

  /** The word with a request's time; 0: it has none, or is for several keys. */
  private static int wordOfTime(RequestFrame frame, Verb verb) {
    return switch (verb) {
      case SET, ADD, REPLACE, CAS -> 3;
      case TOUCH -> 2;
      case GAT, GATS -> frame.argc() == 3 ? 1 : 0;
      case MS -> wordOfFlag(frame, 3);
      case MG, MA -> wordOfFlag(frame, 2);
      default -> 0;
    };
  }

  private static int wordOfFlag(RequestFrame frame, int first) {
    for (int word = first; word < frame.argc(); word++) {
      if (frame.length(word) > 1 && frame.buf().getByte(frame.offset(word)) == 'T') {
        return word;
      }
    }
    return 0;
  }
}
