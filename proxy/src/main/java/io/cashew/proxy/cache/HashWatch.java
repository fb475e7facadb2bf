package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A read of a hash that is not asked for as a whole, on its way to a server. That there is no such
 * field does not say that there is no such key, of which the server is then asked; meanwhile its
 * client may have to wait, since another one loads the key. Confined to the worker.
 */
public final class HashWatch implements ReplyWatch {
  private static final byte[] EXISTS = Replies.bytes("*2\r\n$6\r\nEXISTS\r\n");

  private final HashPart hashes;
  private final CachePart part;
  private final KeyBytes key;
  private final CacheRule rule;
  private final int stripe;
  private final Seat seat;

  private final HashQuestion question;

  /** What is said where there is no such key. */
  private final byte[] nothing;

  private @Nullable Exchange request;
  private boolean begun;
  private long askedNanos;

  HashWatch(HashPart hashes, KeyBytes key, CacheRule rule, Seat seat, HashQuestion question) {
    this.hashes = hashes;
    this.part = hashes.part();
    this.key = key;
    this.rule = rule;
    this.seat = seat;
    this.question = question;
    nothing = question.reply(null);
    stripe = part.versions().stripe(key.hash());
  }

  /** It is about to be sent. */
  public void begin() {
    assert part.worker().inThread();
    seat.begins(Seat.bit(key.hash()));
    askedNanos = part.worker().nowNanos();
  }

  /** It was sent. */
  public void isSent(Exchange as) {
    request = as;
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    boolean whole = last && !begun;
    begun = true;
    if (!last) {
      return false;
    }
    part.versions().end(stripe);
    byte type = bytes == 0 ? 0 : buf.getByte(index);
    boolean maybeNoKey =
        whole
            && (rule.leaseMillis() > 0 || rule.missingMillis() > 0)
            && Arrays.equals(nothing, ByteBufUtil.getBytes(buf, index, bytes, false));
    if (whole && !maybeNoKey && type != '-' && type != '!') {
      part.loads().isThere(key, rule, askedNanos);
    }
    Exchange of = request;
    if (maybeNoKey && rule.leaseMillis() > 0 && of != null && of.wanted()) {
      of.watchedBy(new Held());
      new Question(of).ask();
      return true;
    }
    seat.over();
    if (maybeNoKey) {
      new Question(null).ask();
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    seat.over();
    if (failure == null || begun) { // else nobody has been told anything
      part.versions().end(stripe);
    }
    return failure == null || begun ? null : hashes.onError(key, rule, question);
  }

  @Override
  public void onNotSent() {
    seat.over();
  }

  /** The reply is held until it is known whether there is such a key. */
  private final class Held implements ReplyWatch {
    @Override
    public boolean onReply(ByteBuf buf, int index, int length, boolean last) {
      if (last) {
        seat.over();
      }
      return false;
    }

    @Override
    public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
      seat.over();
      return null;
    }
  }

  /** Asks whether there is such a key. */
  private final class Question extends OwnRequest {
    private final @Nullable Exchange held;
    private final long asked = part.versions().now(stripe);
    private final long askedNanos = part.worker().nowNanos();
    private @Nullable Origin origin;

    /**
     * About the key.
     *
     * @param held whose reply is not given before the answer is here; null: it was
     */
    Question(@Nullable Exchange held) {
      this.held = held;
    }

    void ask() {
      Backend to = part.questions().primaryOf(key);
      origin = part.origin(key, to.node());
      part.questions().ask(EXISTS, key, this, to, part.questions().lane());
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      boolean noKey = buf.getByte(index) == ':' && buf.getByte(index + 1) == '0';
      Exchange of = held;
      // The lease first: it compares the stripe's number, which changes when something is kept.
      if (noKey
          && of != null
          && part.loads().waitsForLoader(key, rule, seat, asked, of, nothing, false)) {
        seat.over(); // it is watched as one that waits from now on
      } else if (of != null) {
        give(of);
      }
      if (noKey) {
        keepMissing();
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      Exchange of = held;
      if (of != null) {
        give(of);
      }
    }

    private void give(Exchange of) {
      of.onReply(Unpooled.wrappedBuffer(nothing), 0, nothing.length, true);
    }

    private void keepMissing() {
      Origin from = origin;
      if (rule.missingMillis() > 0
          && from != null
          && !part.loads().isStale(key, rule)
          && part.versions().claim(stripe, asked)) {
        long end = askedNanos + TimeUnit.MILLISECONDS.toNanos(rule.missingMillis());
        part.keep(new Kept(key, rule, null, from, end, end, asked + 1));
      }
    }
  }
}
