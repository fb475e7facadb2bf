package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A GET on its way to its server: its reply may be kept, and is given to those that ask for the
 * same meanwhile. Confined to the worker.
 *
 * <p>Whether the reply is kept, {@link Versions} decide, and how long, the key's remaining life,
 * which is asked for right behind the GET on the same connection. Whatever comes of it, a reply
 * that differs from what is kept ends that.
 */
public final class Fill implements ReplyWatch, Life {
  /** More clients than this would rather ask themselves. */
  private static final int JOINED_MAX = 10_000;

  private final CachePart part;
  private final KeyBytes key;
  private final CacheRule rule;
  private final int stripe;
  private final Seat seat;
  private final boolean resp3;

  /** The number of the key's stripe when it was asked for; see {@link Versions}. */
  private final long asked;

  private final long askedNanos;

  /** Who is to answer, if the answer may be kept; null: it may not. */
  private @Nullable Origin origin;

  private @Nullable Exchange leader;
  private @Nullable Node node;
  private @Nullable List<Joined> joined;
  private final ReplyBytes reply;

  /** The reply counts as soon as its life is known. */
  private boolean claimed;

  Fill(CachePart part, KeyBytes key, CacheRule rule, Seat seat, boolean resp3, long nowNanos) {
    this.resp3 = resp3;
    this.part = part;
    this.key = key;
    this.rule = rule;
    this.seat = seat;
    askedNanos = nowNanos;
    stripe = part.versions().stripe(key.hash());
    asked = part.versions().now(stripe);
    reply = new ReplyBytes(part.replyBytesMax());
    seat.begins(Seat.bit(key.hash()));
  }

  KeyBytes key() {
    return key;
  }

  /** What this server says may be kept. */
  void mayBeKept(Origin of) {
    origin = of;
  }

  /** Whether the reply is kept only if it is known how long the key will live. */
  boolean needsLife() {
    return origin != null && rule.keepsValues() && !part.knowsLife(key, rule);
  }

  /** It was sent, and is not over. */
  public void isSent(Exchange request) {
    leader = request;
    node = request.node();
  }

  // ---------------------------------------------------------------- those that ask meanwhile

  /** A request for the same, which was not sent. */
  private final class Joined extends JoinedRequest {
    private final boolean resp3;

    Joined(Seat seat, Exchange request, boolean resp3) {
      super(part, stripe, seat, request);
      this.resp3 = resp3;
    }

    @Override
    public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
      seat().joinedIsOver();
      part.loads().isNotLoaded(key, rule, seat(), false);
      return failure == null ? null : part.onError(key, rule);
    }

    void giveNil() {
      if (part.loads().waitsForLoader(key, rule, seat(), asked, request(), resp3)) {
        seat().joinedIsOver(); // it is watched as one that waits from now on
      } else {
        give(Awaited.Value.nil(resp3));
      }
    }
  }

  /**
   * Whether a request for the same may have this one's reply: nothing was heard since.
   *
   * @param copies whether any copy of the key may answer the other one
   */
  boolean mayBeJoined(boolean copies) {
    List<Joined> others = joined;
    Exchange first = leader;
    return first != null
        && reply.length() == 0
        && !reply.isTooLong()
        && (copies || CachePart.isAtPrimary(first))
        && part.versions().now(stripe) == asked
        && (others == null || others.size() < JOINED_MAX);
  }

  /**
   * Gives a request this one's reply, too.
   *
   * @return hears what becomes of it
   */
  public ReplyWatch join(Seat its, Exchange request, boolean resp3) {
    Exchange first = leader;
    List<Joined> others = joined;
    if (others == null) {
      joined = others = new ArrayList<>();
    }
    Joined one = new Joined(its, request, resp3);
    others.add(one);
    its.joins(Seat.bit(key.hash()));
    if (first != null) {
      request.goesWith(first);
    }
    return one;
  }

  private List<Joined> takeJoined() {
    List<Joined> others = joined;
    joined = null;
    return others == null ? List.of() : others;
  }

  // ---------------------------------------------------------------- the reply

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    boolean fitted = !reply.isTooLong();
    if (!reply.add(buf, index, bytes, last) && fitted) {
      part.isOver(this); // what is joined would have to be held
      takeJoined().forEach(Joined::goAlone);
    }
    return last && over();
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    part.isOver(this);
    seat.over();
    origin = null;
    part.loads().isNotLoaded(key, rule, seat, false);
    byte[] kept = failure == null ? null : part.onError(key, rule);
    List<Joined> others = takeJoined();
    if (failure == null || failure.kind() == FailureKind.ABANDONED) {
      others.forEach(Joined::goAlone);
    } else {
      others.forEach(each -> each.fail(failure));
    }
    return kept;
  }

  /** Whether the reply is not given, since its client waits for another. */
  private boolean over() {
    part.isOver(this);
    seat.over();
    byte[] said = reply.isTooLong() ? null : reply.bytes();
    boolean value = said != null && said[0] == '$' && said[1] != '-';
    boolean nil = said != null && (said[0] == '_' || (said[0] == '$' && said[1] == '-'));
    Exchange first = leader;
    // Before the stripe's number changes below, by which a lease knows that nothing was heard.
    boolean waits =
        nil && first != null && part.loads().waitsForLoader(key, rule, seat, asked, first, resp3);
    if (value || said == null) {
      part.loads().isLoaded(key, rule, said, reply.length(), seat, askedNanos);
    } else if (!nil) {
      part.loads().isNotLoaded(key, rule, seat, true);
    }
    if (!(value || nil) || !part.isKeptAlready(key, nil ? null : said, reply.length())) {
      replaces(value ? said : null, nil);
    }
    if (said != null) {
      byte[] whole = reply.whole();
      boolean dead = first != null && !first.wanted() && whole[0] == '-';
      List<Joined> others = takeJoined();
      if (dead) { // of a client that has left nothing is sent again that was not executed
        others.forEach(Joined::goAlone);
      } else {
        others.forEach(nil ? Joined::giveNil : each -> each.give(whole));
      }
    }
    return waits;
  }

  /**
   * What is kept is something else.
   *
   * @param value null: the reply is nil, or neither
   */
  private void replaces(byte @Nullable [] value, boolean nil) {
    Origin from = origin;
    boolean elsewhere = leader == null || leader.node() != node;
    boolean keeps =
        value != null
            ? rule.keepsValues()
            : nil && rule.missingMillis() > 0 && !part.loads().isStale(key, rule);
    if (from == null
        || elsewhere
        || !keeps
        || !part.claims(key, stripe, asked, value, reply.length())) {
      if (from != null && keeps) {
        part.recorder(rule).fillsDropped++;
      }
      part.versions().end(stripe);
    } else if (nil) {
      keep(from, null, rule.missingMillis(), Life.FOR_EVER);
    } else {
      claimed = true;
    }
  }

  @Override
  public void lives(long millis) {
    Origin from = origin;
    if (!claimed || from == null) {
      origin = null; // the value is still to come, on another connection
      return;
    }
    claimed = false;
    if (millis != UNKNOWN) {
      keep(from, reply.whole(), millis == NO_KEY ? 0 : Life.nearMillis(rule, millis), millis);
    }
  }

  private void keep(Origin from, byte @Nullable [] what, long nearMillis, long lifeMillis) {
    boolean keptForLater = what != null && (rule.staleMillis() > 0 || rule.nearMillis() == 0);
    if (nearMillis > 0 || keptForLater) {
      part.keep(
          new Kept(
              key,
              rule,
              what,
              from,
              askedNanos + TimeUnit.MILLISECONDS.toNanos(nearMillis),
              askedNanos + Life.endNanos(lifeMillis),
              asked + 1));
    }
  }
}
