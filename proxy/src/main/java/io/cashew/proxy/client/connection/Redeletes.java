package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.cache.redelete.Deletion;
import io.cashew.proxy.cache.redelete.Deletions;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats deletions by the rules of their keys, wherever the keys belong by then. One per pool and
 * worker, confined to it.
 */
final class Redeletes {
  private static final Logger LOG = LoggerFactory.getLogger(Redeletes.class);

  /** Each takes about 120 bytes and its key. */
  private static final int MOST = 100_000;

  private static final long MOST_BYTES = 16 << 20;

  /** More at once would keep clients waiting. */
  private static final int MOST_OF_TICK = 1000;

  private static final byte[] DEL = Replies.bytes("*2\r\n$3\r\nDEL\r\n");
  private static final byte[] UNLINK = Replies.bytes("*2\r\n$6\r\nUNLINK\r\n");

  /** More than the header and the end of a key. */
  private static final int MORE_BYTES = 16;

  private final PoolPart pool;
  private final Deletions waiting = new Deletions(MOST, MOST_BYTES);

  Redeletes(PoolPart pool) {
    this.pool = pool;
  }

  /** Whether a pool has such a rule. */
  static boolean isNeeded(PoolPart pool) {
    return pool.settings().rules().any(rule -> !rule.redeleteMillis().isEmpty());
  }

  /** Whether a command deletes what it names, and does nothing else. */
  static boolean isOf(Command command) {
    return command.name().equals("del") || command.name().equals("unlink");
  }

  /** Keys of one request that are to be deleted again, if it goes through. */
  record Batch(List<byte[]> keys, List<CacheRule> rules, boolean unlink, int database) {}

  /**
   * Those of a request; null: none of its keys has such a rule.
   *
   * @param owner says which keys are the pool's
   */
  @Nullable Batch of(KeyOwner owner, ConnectedClient client, Command command, RequestFrame frame) {
    if (!client.session().rights().options().usesCache()) {
      return null;
    }
    Batch batch = null;
    CacheRules rules = pool.settings().rules();
    for (int i = 1; i < frame.argc(); i++) {
      CacheRule rule =
          owner.has(frame, i) ? rules.of(frame.buf(), frame.offset(i), frame.length(i)) : null;
      if (rule != null && !rule.redeleteMillis().isEmpty()) {
        if (batch == null) {
          batch =
              new Batch(
                  new ArrayList<>(),
                  new ArrayList<>(),
                  command.name().equals("unlink"),
                  client.session().database());
        }
        batch.keys.add(ByteBufUtil.getBytes(frame.buf(), frame.offset(i), frame.length(i)));
        batch.rules.add(rule);
      }
    }
    return batch;
  }

  /** A request went through. */
  void begin(Batch batch) {
    assert pool.worker().inThread();
    long now = pool.worker().tickMillis();
    for (int i = 0; i < batch.keys.size(); i++) {
      CacheRule rule = batch.rules.get(i);
      RuleRecorder recorder = pool.recorder().rules.of(CacheRules.label(rule));
      for (long delay : rule.redeleteMillis()) {
        waiting.add(
            new Deletion(
                batch.keys.get(i), batch.unlink, batch.database, recorder, now + delay, 0));
      }
    }
  }

  /** Some time has passed: sends what is due. */
  void onTick() {
    if (waiting.size() == 0) {
      return;
    }
    long now = pool.worker().tickMillis();
    for (int i = 0; i < MOST_OF_TICK; i++) {
      Deletion due = waiting.poll(now);
      if (due == null) {
        return;
      }
      send(due);
    }
  }

  private void send(Deletion one) {
    Router router = pool.router();
    byte[] key = one.key();
    Backend to = router.backendOf(router.groupOf(key));
    byte[] verb = one.unlink() ? UNLINK : DEL;
    ByteBuf request = pool.worker().allocator().directBuffer(verb.length + key.length + MORE_BYTES);
    try {
      request.writeBytes(verb);
      Replies.writeBulk(request, key);
      to.send(
          request,
          request.readerIndex(),
          request.readableBytes(),
          new Repeat(one),
          router.lane(0, false, one.database()));
    } finally {
      request.release();
    }
  }

  /** The process ends: what waits is lost. */
  void close() {
    int lost = waiting.loseAll();
    if (lost > 0) {
      LOG.warn(
          "pool '{}' stops before {} deletions were repeated (redelete)",
          pool.settings().pool(),
          lost);
    }
  }

  /** A deletion that is being repeated. */
  private final class Repeat extends OwnRequest {
    private final Deletion of;

    Repeat(Deletion of) {
      this.of = of;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      // A number or an error is a line, which comes whole.
      if (buf.getByte(index) != '-') {
        waiting.isDone(of);
      } else if (Verdict.of(buf, index, length).notExecuted()) {
        waiting.hasFailed(of, pool.worker().tickMillis());
      } else {
        waiting.isRefused(of);
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      waiting.hasFailed(of, pool.worker().tickMillis());
    }
  }
}
