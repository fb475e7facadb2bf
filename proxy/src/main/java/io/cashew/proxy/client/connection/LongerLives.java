package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.expiry.Jitter;
import io.cashew.proxy.cache.expiry.LongerLife;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds the requests whose times to live are to be longer by a rule of their key, and writes them
 * anew. One per pool and worker where there is such a rule, confined to the worker.
 */
final class LongerLives {
  private final PoolPart pool;
  private final CacheRules rules;
  private final List<TargetRules> targets;
  private final LongerLife life;

  /**
   * Of the clients of a pool.
   *
   * @param targets the rules of the pools to which its routes lead
   */
  LongerLives(PoolPart pool, List<TargetRules> targets) {
    this.pool = pool;
    this.targets = targets;
    rules = pool.settings().rules();
    Jitter jitter = new Jitter(bound -> ThreadLocalRandom.current().nextLong(bound));
    life = new LongerLife(pool.commands(), jitter);
  }

  /** Whether a pool has such a rule. */
  static boolean isNeeded(PoolPart pool, List<TargetRules> targets) {
    return hasOne(pool.settings().rules())
        || targets.stream().anyMatch(each -> hasOne(each.rules()));
  }

  /** Whether these rules have such a one. */
  private static boolean hasOne(CacheRules rules) {
    return rules.any(rule -> rule.ttlJitterPercent() > 0);
  }

  private int percent(ConnectedClient client, RequestFrame frame) {
    if (!client.session().rights().options().usesCache()) {
      return 0;
    }
    int percent = percent(rules, frame);
    return percent > 0 || targets.isEmpty()
        ? percent
        : percent(targets.get(pool.router().poolOf(frame, 1)).rules(), frame);
  }

  private static int percent(CacheRules rules, RequestFrame frame) {
    CacheRule rule = rules.of(frame.buf(), frame.offset(1), frame.length(1));
    return rule == null ? 0 : rule.ttlJitterPercent();
  }

  /**
   * A request written anew.
   *
   * @return it, until the next is written, with a buffer that the caller releases; null: it stays
   *     as it is
   */
  @Nullable RequestFrame of(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    int percent = life.isOf(command) ? percent(client, frame) : 0;
    if (percent == 0) {
      return null;
    }
    ByteBuf out = pool.worker().allocator().directBuffer(LongerLife.room(frame));
    RequestFrame longer = life.write(command, frame, percent, System.currentTimeMillis(), out);
    if (longer == null) {
      out.release();
    }
    return longer;
  }

  /**
   * The same for a large request, of which the beginning is there.
   *
   * @param from index of its first byte
   * @param checked bytes of whole arguments, from there
   * @return null: it stays as it is
   */
  @Nullable UploadLife ofUpload(
      ConnectedClient client,
      Command command,
      RequestDecoder decoder,
      ByteBuf in,
      int from,
      int to,
      int checked) {
    if (!life.isBehindValue(command) && !life.isBeforeValue(command)) {
      return null;
    }
    RequestFrame frame = pool.frame();
    decoder.partial(in, from, to, frame);
    int percent = frame.argc() < 2 ? 0 : percent(client, frame);
    if (percent == 0) {
      return null;
    }
    if (life.isBehindValue(command)) {
      return UploadLife.behindValue(tail -> ofTail(command, tail, percent), frame, from, checked);
    }
    return frame.argc() < 3 ? null : beforeValue(command, frame, percent);
  }

  private @Nullable UploadLife beforeValue(Command command, RequestFrame frame, int percent) {
    frame.finish(frame.offset(2) + frame.length(2));
    ByteBuf out = Unpooled.buffer(LongerLife.room(frame));
    boolean isLonger = life.write(command, frame, percent, System.currentTimeMillis(), out) != null;
    return isLonger ? UploadLife.beforeValue(out, frame.length()) : null;
  }

  /** What follows the value of a request, with a longer time if it has one. */
  private ByteBuf ofTail(Command command, RequestFrame tail, int percent) {
    ByteBuf out = Unpooled.buffer(LongerLife.room(tail));
    boolean isLonger = life.write(command, tail, percent, System.currentTimeMillis(), out) != null;
    return isLonger ? out : tail.buf();
  }
}
