package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.Substitutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An MGET on its way to the servers: values of its reply may be kept. Confined to the worker. How
 * long a key lives is asked when its value is here.
 *
 * <p>Where a server says nothing, or that there is no such key, what memory has is given for that
 * key alone. It is looked for when the reply is made: what was found when the request came might be
 * older by then than what other clients have been told.
 */
public final class ManyFill implements ReplyWatch, Substitutes {
  private static final int REPLY_BYTES_MAX = 1 << 20;
  private static final int ARRAY_HEADER_MAX = 16;

  private final CachePart part;
  private final Seat seat;
  private final long askedNanos;
  private final List<@Nullable Element> elements = new ArrayList<>();
  private final Map<KeyBytes, Element> byKey = new HashMap<>();
  private long bits;
  private final ReplyBytes reply = new ReplyBytes(REPLY_BYTES_MAX);

  /** An MGET is about to be sent. */
  public ManyFill(CachePart part, Seat seat) {
    this.part = part;
    this.seat = seat;
    askedNanos = part.worker().nowNanos();
  }

  /** One of its keys, of which something may be kept. */
  private final class Element implements Life {
    private final KeyBytes key;
    private final CacheRule rule;
    private final @Nullable Origin origin;
    private final int stripe;
    private final long asked;

    /** The first of several that ask for the same key; null: it is the first. */
    private @Nullable Element first;

    /** What its server says of it. */
    private byte @Nullable [] said;

    /** The same, if it may be kept. */
    private byte @Nullable [] value;

    /** What is given in place of what its server says, which is nothing; null: nothing is. */
    private byte @Nullable [] given;

    private boolean isStale;

    Element(KeyBytes key, CacheRule rule, @Nullable Origin origin) {
      this.key = key;
      this.rule = rule;
      this.origin = origin;
      stripe = part.versions().stripe(key.hash());
      asked = part.versions().now(stripe);
    }

    byte @Nullable [] instead(@Nullable NodeFailure failure) {
      if (given == null && failure != null) {
        given = part.lookOnError(key, rule);
      } else if (given == null) {
        given = part.loads().stale(key, rule, seat);
        isStale = given != null;
      }
      return given;
    }

    /** What is said of it was given. */
    void isGiven(int from, int to) {
      if (given == null) {
        has(from, to);
      } else if (!isStale) { // else it was counted when it was looked for
        part.recorder(rule).staleOnError++;
      }
    }

    /** What the server says of it, as a reply to GET. */
    void has(int from, int to) {
      byte[] bytes = Arrays.copyOfRange(reply.bytes(), from, to);
      if (first != null && Arrays.equals(first.said, bytes)) {
        return;
      }
      said = bytes;
      boolean nil = bytes[0] == '_' || bytes[1] == '-';
      if (nil) {
        part.loads().isNil(key, rule, seat);
      } else {
        part.loads().isLoaded(key, rule, bytes, bytes.length, seat, askedNanos);
      }
      if (part.isKeptAlready(key, nil ? null : bytes, bytes.length)) {
        return;
      }
      boolean keeps =
          !nil && origin != null && rule.keepsValues() && bytes.length <= part.replyBytesMax();
      if (keeps && part.claims(key, stripe, asked, bytes, bytes.length)) {
        value = bytes;
        part.askLife(key, this);
      } else {
        part.recorder(rule).fillsDropped += keeps ? 1 : 0;
        part.versions().end(stripe);
      }
    }

    @Override
    public void lives(long millis) {
      Origin from = origin;
      long near = Life.nearMillis(rule, millis);
      boolean keeps = near > 0 || rule.staleMillis() > 0 || rule.nearMillis() == 0;
      boolean known = millis != NO_KEY && millis != UNKNOWN;
      if (from != null && known && keeps) {
        part.keep(
            new Kept(
                key,
                rule,
                value,
                from,
                askedNanos + TimeUnit.MILLISECONDS.toNanos(near),
                askedNanos + Life.endNanos(millis),
                asked + 1));
      }
    }
  }

  /** It asks for a key of which nothing is kept. */
  public void skip() {
    elements.add(null);
  }

  /**
   * It asks for the key that was looked at.
   *
   * @param of who is to answer; null: what is answered is not kept
   */
  public void add(CacheRule rule, @Nullable Node of) {
    KeyBytes key = part.looked().copy();
    Element one = new Element(key, rule, of == null ? null : part.origin(key, of));
    one.first = byKey.putIfAbsent(key, one);
    elements.add(one);
    bits |= Seat.bit(key.hash());
  }

  /** It is about to be sent. */
  public void begin() {
    seat.begins(bits);
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    reply.add(buf, index, bytes, last);
    if (last) {
      seat.over();
      if (reply.isTooLong() || reply.length() == 0 || reply.bytes()[0] != '*') {
        end(0);
      } else {
        read();
      }
    }
    return false;
  }

  private void read() {
    int length = reply.length();
    int at = lineEnd(0);
    for (int i = 0; i < elements.size(); i++) {
      int next = at >= length ? -1 : elementEnd(at);
      if (next < 0 || next > length) {
        end(i);
        return;
      }
      Element element = elements.get(i);
      if (element != null) {
        element.isGiven(at, next);
      }
      at = next;
    }
  }

  /** Index after a bulk string or nil; -1: it is something else. */
  private int elementEnd(int at) {
    byte[] all = reply.bytes();
    int line = lineEnd(at);
    if (all[at] == '_' || (all[at] == '$' && all[at + 1] == '-')) {
      return line;
    }
    if (all[at] != '$') {
      return -1;
    }
    int bytes = 0;
    for (int i = at + 1; i < line - 2; i++) {
      bytes = bytes * 10 + (all[i] - '0');
    }
    return line + bytes + 2;
  }

  private int lineEnd(int from) {
    int at = from;
    byte[] all = reply.bytes();
    while (at < reply.length() && all[at] != '\n') {
      at++;
    }
    return at + 1;
  }

  /** The replies about these keys are not understood. */
  private void end(int from) {
    for (Element each : elements.subList(from, elements.size())) {
      if (each != null && each.given == null) {
        part.versions().end(each.stripe);
      }
    }
  }

  @Override
  public Substitutes substitutes() {
    return this;
  }

  @Override
  public byte @Nullable [] of(int key, @Nullable NodeFailure failure) {
    Element element = elements.get(key);
    return element == null ? null : element.instead(failure);
  }

  /** Whether values may be given of keys that their servers say are not there. */
  public boolean givesStaleElements() {
    for (Element each : elements) {
      if (each != null && each.rule.staleMillis() > 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    seat.over();
    if (failure == null || reply.length() > 0) { // else nobody has been told anything
      end(0);
      return null;
    }
    return onError();
  }

  /** What is given while a server cannot answer, if all of it was kept; else null. */
  private byte @Nullable [] onError() {
    List<byte[]> values = new ArrayList<>(elements.size());
    int bytes = 0;
    for (Element each : elements) {
      byte[] value = each == null ? null : part.lookOnError(each.key, each.rule);
      if (value == null) {
        return null;
      }
      values.add(value);
      bytes += value.length;
    }
    ByteBuf out = Unpooled.buffer(bytes + ARRAY_HEADER_MAX);
    Replies.writeArrayHeader(out, values.size());
    values.forEach(out::writeBytes);
    for (Element each : elements) {
      if (each != null) {
        part.recorder(each.rule).staleOnError++;
      }
    }
    return ByteBufUtil.getBytes(out);
  }

  @Override
  public void onNotSent() {
    seat.over();
  }
}
