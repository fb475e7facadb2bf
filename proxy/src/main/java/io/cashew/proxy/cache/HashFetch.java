package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A whole hash on its way from its server, for all requests that read of it meanwhile, and to be
 * kept. Confined to the worker.
 *
 * <p>A reply about one field ends what is kept of the others, since it may be newer. So the proxy
 * asks for the hash as a whole, with {@code HGETALL}; where no client has asked for all of it,
 * {@code HLEN} before it tells whether it is small, and the fields of a large one are asked for one
 * by one. {@code PTTL} tells how long the key lives, and whether it is there. Of servers whose
 * fields may end before their key does, {@code HPTTL} behind it tells how long each lives; what is
 * kept ends with the first of them.
 */
public final class HashFetch {
  /** A hash of more fields is not small. */
  private static final int FIELDS_MAX = 128;

  private static final int JOINED_MAX = 10_000;
  private static final byte[] SIZE = Replies.bytes("*2\r\n$4\r\nHLEN\r\n");
  private static final byte[] ALL = Replies.bytes("*2\r\n$7\r\nHGETALL\r\n");
  private static final byte[] LIVES = Replies.bytes("$5\r\nHPTTL\r\n");
  private static final String UNKNOWN = "-ERR unknown command";

  private final HashPart hashes;
  private final CachePart part;
  private final KeyBytes key;
  private final CacheRule rule;
  private final int stripe;

  /** The number of the key's stripe when it was asked for; see {@link Versions}. */
  private final long asked;

  private final long askedNanos;
  private final Origin origin;
  private final Backend to;
  private final Lane lane;
  private final List<JoinedRead> joined = new ArrayList<>();
  private State state = State.NEW;

  /** The key's, as {@code PTTL} says it. */
  private long lifeMillis = Life.UNKNOWN;

  private enum State {
    NEW,
    SENT,
    OVER
  }

  HashFetch(HashPart hashes, KeyBytes key, CacheRule rule, Origin origin, Backend to, Lane lane) {
    this.hashes = hashes;
    this.part = hashes.part();
    this.key = key;
    this.rule = rule;
    this.origin = origin;
    this.to = to;
    this.lane = lane;
    stripe = part.versions().stripe(key.hash());
    asked = part.versions().now(stripe);
    askedNanos = part.worker().nowNanos();
  }

  KeyBytes key() {
    return key;
  }

  // ---------------------------------------------------------------- those that read of it

  /** Whether a request may have its reply from this one: nothing was heard since it was asked. */
  boolean mayBeJoined() {
    return state != State.OVER
        && part.versions().now(stripe) == asked
        && joined.size() < JOINED_MAX;
  }

  /**
   * Gives a request its reply.
   *
   * @return hears what becomes of it
   */
  public ReplyWatch join(Seat its, Exchange request, HashQuestion question) {
    JoinedRead one = new JoinedRead(hashes, key, rule, stripe, its, request, question);
    joined.add(one);
    its.joins(Seat.bit(key.hash()));
    request.isAskedAt(to);
    return one;
  }

  private List<JoinedRead> takeJoined() {
    List<JoinedRead> all = List.copyOf(joined);
    joined.clear();
    return all;
  }

  // ---------------------------------------------------------------- what is asked

  /** Asks for the hash, unless that was done. */
  public void send() {
    assert part.worker().inThread();
    if (state == State.NEW) {
      state = State.SENT;
      TimeToLive.ask(part.questions(), key, millis -> lifeMillis = millis, to, lane);
      if (joined.stream().anyMatch(each -> each.question().wantsAll())) {
        ask(ALL, new All());
      } else {
        ask(SIZE, new Size());
      }
    }
  }

  private void ask(byte[] command, OwnRequest request) {
    part.questions().ask(command, key, request, to, lane);
  }

  /** Hears how many fields there are, in a line, which comes whole. */
  private final class Size extends OwnRequest {
    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      byte[] reply = ByteBufUtil.getBytes(buf, index, length, true);
      long fields = reply[0] == ':' ? TimeToLive.number(buf, index + 1, index + length) : -1;
      if (fields == 0 && lifeMillis == Life.NO_KEY) {
        isOver();
        isNotThere();
      } else if (fields > 0 && fields <= FIELDS_MAX) {
        ask(ALL, new All());
      } else {
        isOver();
        isNotKept(reply);
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      hasFailed(failure);
    }
  }

  /** Takes the hash. */
  private final class All extends WholeReply {
    All() {
      super(part.replyBytesMax());
    }

    @Override
    void onReply(byte @Nullable [] whole) {
      isHere(whole);
    }

    @Override
    public void onFailure(NodeFailure failure) {
      hasFailed(failure);
    }
  }

  private void isOver() {
    state = State.OVER;
    hashes.isOver(this);
  }

  private void hasFailed(NodeFailure failure) {
    isOver();
    if (failure.kind() == FailureKind.ABANDONED) {
      takeJoined().forEach(JoinedRead::goAlone);
    } else {
      takeJoined().forEach(each -> each.fail(failure));
    }
  }

  /** The hash; null: it was too long. */
  private void isHere(byte @Nullable [] reply) {
    isOver();
    HashValue hash = reply == null ? null : HashValue.read(reply);
    if (hash == null || (hash.fields() == 0 && lifeMillis != Life.NO_KEY)) {
      isNotKept(reply);
    } else if (hash.fields() == 0) {
      isNotThere();
    } else {
      part.loads().isThere(key, rule, askedNanos);
      part.loads().isTold(key, rule);
      if (!hashes.isKeptAlready(key, hash)) {
        isThere(hash);
      }
      takeJoined().forEach(each -> each.give(each.question().reply(hash)));
    }
  }

  private void isNotThere() {
    // Before the stripe's number changes below, by which a lease knows that nothing was heard.
    takeJoined().forEach(each -> each.giveNothing(asked));
    isMissing();
  }

  /** What each asks is asked by itself, and of those that follow had better be, too. */
  private void isNotKept(byte @Nullable [] reply) {
    if (reply == null || reply[0] != '-' || isLasting(reply)) {
      hashes.cannotBeWhole(key);
    }
    takeJoined().forEach(JoinedRead::readItself);
  }

  /** Whether an error will be the same the next time: of another type, or of what is forbidden. */
  private static boolean isLasting(byte[] error) {
    String text = new String(error, StandardCharsets.ISO_8859_1);
    return text.startsWith("-WRONGTYPE") || text.startsWith("-NOPERM") || text.startsWith("-ERR");
  }

  // ---------------------------------------------------------------- what is kept

  private void isMissing() {
    if (rule.missingMillis() == 0 || part.loads().isStale(key, rule)) {
      part.versions().end(stripe);
    } else if (claims()) {
      long end = end(rule.missingMillis());
      part.keep(new Kept(key, rule, null, origin, end, end, asked + 1));
    }
  }

  private boolean claims() {
    boolean claimed = part.claims(key, stripe, asked);
    if (!claimed) {
      part.recorder(rule).fillsDropped++;
      part.versions().end(stripe);
    }
    return claimed;
  }

  private long end(long millis) {
    return askedNanos + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void isThere(HashValue hash) {
    if (!claims() || lifeMillis == Life.NO_KEY || lifeMillis == Life.UNKNOWN) {
      return;
    }
    long life = Life.nearMillis(rule, lifeMillis);
    if (origin.source().mayEndFields(origin.era())) {
      new FieldLives(hash, end(life)).ask();
    } else {
      keep(hash, end(life));
    }
  }

  private void keep(HashValue hash, long endNanos) {
    if (endNanos - System.nanoTime() > 0) {
      part.keep(
          new KeptHash(
              key,
              rule,
              hash,
              origin,
              endNanos,
              askedNanos + Life.endNanos(lifeMillis),
              asked + 1));
    }
  }

  /** Hears how long each of the fields lives. */
  private final class FieldLives extends OwnRequest {
    private final HashValue hash;
    private final long keyEndNanos;
    private final long fieldsAskedNanos = part.worker().nowNanos();
    private final ByteBuf reply = Unpooled.buffer();

    FieldLives(HashValue hash, long keyEndNanos) {
      this.hash = hash;
      this.keyEndNanos = keyEndNanos;
    }

    void ask() {
      ByteBuf ask = part.worker().allocator().directBuffer();
      try {
        Replies.writeArrayHeader(ask, hash.fields() + 4L);
        ask.writeBytes(LIVES);
        Replies.writeBulk(ask, Unpooled.wrappedBuffer(key.bytes()), 0, key.length());
        Replies.writeBulk(ask, "FIELDS");
        Replies.writeBulk(ask, Integer.toString(hash.fields()));
        hash.writeNames(ask);
        to.send(ask, ask.readerIndex(), ask.readableBytes(), this, lane);
      } finally {
        ask.release();
      }
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      reply.writeBytes(buf, index, length);
      if (last) {
        byte[] all = ByteBufUtil.getBytes(reply);
        if (new String(all, StandardCharsets.ISO_8859_1).startsWith(UNKNOWN)) {
          origin.source().knowsNoFieldLives(origin.era());
          keep(hash, keyEndNanos);
        } else if (all[0] == '*') {
          hear(new String(all, StandardCharsets.ISO_8859_1));
        }
      }
    }

    private void hear(String lives) {
      long endNanos = keyEndNanos;
      for (String line : (Iterable<String>) lives.lines().skip(1)::iterator) {
        long millis = Long.parseLong(line.substring(1));
        if (millis != Life.FOR_EVER) {
          long end = fieldsAskedNanos + TimeUnit.MILLISECONDS.toNanos(millis - 1);
          endNanos = end - endNanos < 0 ? end : endNanos; // at once, if it is there no more
        }
      }
      keep(hash, endNanos);
    }

    @Override
    public void onFailure(NodeFailure failure) {} // nothing is kept
  }
}
