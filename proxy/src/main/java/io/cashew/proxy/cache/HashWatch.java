package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A read of a hash that is not asked for as a whole, on its way to a server; others that ask for
 * the same meanwhile have its reply. That there is no such field does not say that there is no such
 * key, of which the server is then asked; meanwhile its clients may have to wait, since another one
 * loads the key. Confined to the worker.
 */
public final class HashWatch implements ReplyWatch {
  private static final byte[] EXISTS = Replies.bytes("*2\r\n$6\r\nEXISTS\r\n");
  private static final int JOINED_MAX = 10_000;

  private final HashPart hashes;
  private final CachePart part;
  private final HashPart.Read read;
  private final KeyBytes key;
  private final CacheRule rule;
  private final int stripe;
  private final Seat seat;
  private final List<JoinedRead> joined = new ArrayList<>(0);

  /** The reply, as far as others have it, too. */
  private final ReplyBytes reply;

  /** What is said where there is no such key. */
  private final byte[] nothing;

  private @Nullable Exchange request;
  private boolean begun;
  private long askedNanos;

  /** The number of the key's stripe when it was asked; see {@link Versions}. */
  private long asked;

  HashWatch(HashPart hashes, HashPart.Read read, CacheRule rule, Seat seat) {
    this.hashes = hashes;
    this.part = hashes.part();
    this.read = read;
    this.key = read.key();
    this.rule = rule;
    this.seat = seat;
    reply = new ReplyBytes(part.replyBytesMax());
    nothing = read.question().reply(null);
    stripe = part.versions().stripe(key.hash());
  }

  HashPart.Read read() {
    return read;
  }

  /** It is about to be sent. */
  public void begin() {
    assert part.worker().inThread();
    seat.begins(Seat.bit(key.hash()));
    askedNanos = part.worker().nowNanos();
    asked = part.versions().now(stripe);
  }

  /** It was sent. */
  public void isSent(Exchange as) {
    request = as;
  }

  // ---------------------------------------------------------------- those that ask meanwhile

  /**
   * Whether another request for the same may have this one's reply: nothing was heard since.
   *
   * @param copies whether any copy of the key may answer the other one
   */
  boolean mayBeJoined(boolean copies) {
    Exchange leader = request;
    return leader != null
        && !begun
        && (copies || CachePart.isAtPrimary(leader))
        && part.versions().now(stripe) == asked
        && joined.size() < JOINED_MAX;
  }

  /**
   * Gives a request this one's reply, too.
   *
   * @return hears what becomes of it
   */
  public ReplyWatch join(Seat its, Exchange with, HashQuestion question) {
    JoinedRead one = new JoinedRead(hashes, key, rule, stripe, its, with, question);
    joined.add(one);
    its.joins(Seat.bit(key.hash()));
    Exchange leader = request;
    if (leader != null) {
      with.goesWith(leader);
    }
    return one;
  }

  private List<JoinedRead> takeJoined() {
    List<JoinedRead> all = List.copyOf(joined);
    joined.clear();
    return all;
  }

  // ---------------------------------------------------------------- the reply

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    boolean whole = last && !begun;
    begun = true;
    if (!joined.isEmpty() && !reply.add(buf, index, bytes, last)) {
      takeJoined().forEach(JoinedRead::goAlone); // what would have to be held is too long
    }
    if (!last) {
      return false;
    }
    hashes.isOver(this);
    part.versions().end(stripe);
    part.loads().isTold(key, rule);
    byte type = bytes == 0 ? 0 : buf.getByte(index);
    boolean maybeNoKey =
        whole
            && (rule.leaseMillis() > 0 || rule.missingMillis() > 0)
            && Arrays.equals(nothing, ByteBufUtil.getBytes(buf, index, bytes, false));
    if (whole && !maybeNoKey && type != '-' && type != '!') {
      part.loads().isThere(key, rule, askedNanos);
    }
    Exchange leader = request;
    boolean wanted = leader != null && leader.wanted();
    if (maybeNoKey && rule.leaseMillis() > 0 && (wanted || !joined.isEmpty())) {
      return isHeld(wanted ? leader : null);
    }
    seat.over();
    giveJoined(whole && !wanted && type == '-');
    if (maybeNoKey) {
      new Question(null, List.of()).ask();
    }
    return false;
  }

  /**
   * Gives the reply to those that have it, too.
   *
   * @param dead whether it is an error for a client that has left, of which nothing is sent again
   */
  private void giveJoined(boolean dead) {
    if (dead) {
      takeJoined().forEach(JoinedRead::goAlone);
    } else if (!joined.isEmpty()) {
      byte[] whole = reply.whole();
      takeJoined().forEach(each -> give(each, whole));
    }
  }

  private void give(JoinedRead other, byte[] ofServer) {
    other.give(other.question().reply(ofServer, read.question()));
  }

  /**
   * Nothing is given before it is known whether there is such a key.
   *
   * @param leader whose reply is held; null: its client has left
   * @return whether a reply is held
   */
  private boolean isHeld(@Nullable Exchange leader) {
    if (leader == null) {
      seat.over();
    } else {
      leader.watchedBy(new Held());
    }
    new Question(leader, takeJoined()).ask();
    return leader != null;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    hashes.isOver(this);
    seat.over();
    if (failure == null || begun) { // else nobody has been told anything
      part.versions().end(stripe);
    }
    byte[] instead = failure == null || begun ? null : hashes.onError(key, rule, read.question());
    if (failure == null || failure.kind() == FailureKind.ABANDONED) {
      takeJoined().forEach(JoinedRead::goAlone);
    } else {
      takeJoined().forEach(each -> each.fail(failure));
    }
    return instead;
  }

  @Override
  public void onNotSent() {
    hashes.isOver(this);
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
    private final List<JoinedRead> others;
    private final long since = part.versions().now(stripe);
    private final long sinceNanos = part.worker().nowNanos();
    private @Nullable Origin origin;

    /**
     * About the key.
     *
     * @param held whose reply is not given before the answer is here; null: it was
     * @param others whose replies are not, either
     */
    Question(@Nullable Exchange held, List<JoinedRead> others) {
      this.held = held;
      this.others = others;
    }

    void ask() {
      Backend to = part.questions().primaryOf(key);
      origin = part.origin(key, to.node());
      part.questions().ask(EXISTS, key, this, to, part.questions().lane());
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      boolean noKey = buf.getByte(index) == ':' && buf.getByte(index + 1) == '0';
      // The lease first: it compares the stripe's number, which changes when something is kept.
      if (noKey) {
        giveNothing();
        keepMissing();
      } else {
        give();
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      give();
    }

    private void giveNothing() {
      Exchange of = held;
      Awaited what = hashes.awaited(rule, read.question());
      if (of != null && part.loads().waitsForLoader(key, rule, seat, since, of, what)) {
        seat.over(); // it is watched as one that waits from now on
      } else if (of != null) {
        give(of);
      }
      others.forEach(each -> each.giveNothing(since));
    }

    /** There is such a key, or that cannot be told. */
    private void give() {
      Exchange of = held;
      if (of != null) {
        give(of);
      }
      others.forEach(each -> HashWatch.this.give(each, nothing));
    }

    private void give(Exchange of) {
      of.onReply(Unpooled.wrappedBuffer(nothing), 0, nothing.length, true);
    }

    private void keepMissing() {
      Origin from = origin;
      if (rule.missingMillis() > 0
          && from != null
          && !part.loads().isStale(key, rule)
          && part.claims(key, stripe, since)) {
        long end = sinceNanos + TimeUnit.MILLISECONDS.toNanos(rule.missingMillis());
        part.keep(new Kept(key, rule, null, from, end, end, since + 1));
      }
    }
  }
}
