package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.KeyWatch;
import io.cashew.proxy.cache.ManyFill;
import io.cashew.proxy.cache.Seat;
import io.cashew.proxy.cache.ValueReplies;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplyQueue;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Replies that are made of what memory has. Confined to the worker. */
final class MemoryReplies {
  /** Of an MGET of more keys nothing is kept. */
  private static final int KEYS_MAX = ManyReplies.KEYS_MAX;

  private static final int MADE_MAX = 1 << 18;

  private final PoolPart pool;
  private final CachePart cache;
  private final KeyOwner owner;

  /** Not of the pool of buffers, where taking one allocates. */
  private ByteBuf made = Unpooled.buffer();

  MemoryReplies(PoolPart pool, CachePart cache, KeyOwner owner) {
    this.pool = pool;
    this.cache = cache;
    this.owner = owner;
  }

  private @Nullable CacheRule ruleOf(RequestFrame frame, int argument) {
    return owner.has(frame, argument) ? cache.ruleOf(frame, argument) : null;
  }

  /** Nothing is given to those whose reads their servers must know of, or who mean other data. */
  static boolean mayBeServed(ConnectedClient client, Seat seat) {
    return client.session().database() == 0
        && client.lane().isShared()
        && !client.transactionUnderWay()
        && client.session().rights().options().usesCache()
        && seat.mayBeServed();
  }

  // ---------------------------------------------------------------- giving

  /** Gives a reply that a server has given before, in its client's turn. */
  void give(ConnectedClient client, Command command, byte[] reply) {
    assert pool.worker().inThread();
    ReplyQueue replies = client.replies();
    if (!replies.isEmpty() || pool.insight().logsRequests()) {
      client.addSlot().give(reply);
      return;
    }
    if (!client.replyMode().muted()) {
      replies.write(reply, 0, reply.length);
    }
    isGiven(client, command, reply.length);
  }

  /** Where a reply is made of what is kept, to be given before the next one is begun. */
  ByteBuf begin() {
    if (made.capacity() > MADE_MAX) {
      made = Unpooled.buffer();
    }
    return made.clear();
  }

  /** The same of one that was made so. */
  void give(ConnectedClient client, Command command, ByteBuf reply) {
    ReplyQueue replies = client.replies();
    if (!replies.isEmpty() || pool.insight().logsRequests()) {
      client.addSlot().onReply(reply, reply.readerIndex(), reply.readableBytes(), true);
      return;
    }
    if (!client.replyMode().muted()) {
      replies.write(reply, reply.readerIndex(), reply.readableBytes());
    }
    isGiven(client, command, reply.readableBytes());
  }

  private void isGiven(ConnectedClient client, Command command, int replyBytes) {
    pool.recorder().replies++;
    int requestBytes = pool.frame().length();
    pool.insight()
        .fromMemory(client.session(), command, client.arrivedNanos(), requestBytes, replyBytes);
  }

  // ---------------------------------------------------------------- commands

  /** What STRLEN or GETRANGE asks for. */
  private record Part(boolean whole, long from, long to) {
    void write(byte[] value, ByteBuf out) {
      if (whole) {
        ValueReplies.length(value, out);
      } else {
        ValueReplies.range(value, from, to, out);
      }
    }

    byte[] of(byte[] value) {
      ByteBuf out = Unpooled.buffer();
      write(value, out);
      return ByteBufUtil.getBytes(out);
    }
  }

  /** What a request asks for; null: that is not understood. */
  private static @Nullable Part part(Command command, RequestFrame frame) {
    if (!command.arityMatches(frame.argc())) {
      return null;
    }
    if (command.name().equals("strlen")) {
      return new Part(true, 0, 0);
    }
    Long from = Arguments.number(Arguments.argument(frame, 2));
    Long to = Arguments.number(Arguments.argument(frame, 3));
    return from == null || to == null ? null : new Part(false, from, to);
  }

  /** Answers STRLEN and GETRANGE of a value that is kept. @return whether it is */
  boolean value(ConnectedClient client, Command command, RequestFrame frame) {
    Seat seat = client.session().seat();
    CacheRule rule = ruleOf(frame, command.firstKey());
    if (rule == null || !mayBeServed(client, seat) || cache.mayBeOwed(seat)) {
      return false;
    }
    Part part = part(command, frame);
    byte[] value = part == null ? null : cache.value(rule);
    if (part != null && value == null) {
      value = cache.peekStale(rule, seat, false);
      if (value != null) {
        cache.isGivenStale(rule);
      } else if (cannotAnswer(pool, rule, frame, command.firstKey())) {
        value = cache.onError(rule);
      }
    }
    if (value == null || part == null) {
      return false;
    }
    ByteBuf out = begin();
    part.write(value, out);
    give(client, command, out);
    return true;
  }

  /** Whether what was kept of a key is given at once, since its server is known to be away. */
  static boolean cannotAnswer(PoolPart pool, CacheRule rule, RequestFrame frame, int key) {
    Router router = pool.router();
    return rule.staleOnErrorMillis() > 0
        && router.backends().get(router.nodeFor(frame, key)).node().circuitOpen();
  }

  /** If no server can answer STRLEN or GETRANGE, it is answered of what was kept. */
  void valueOnError(KeyWatch of, ConnectedClient client, Command command, RequestFrame frame) {
    CacheRule rule = ruleOf(frame, command.firstKey());
    if (rule == null
        || rule.staleOnErrorMillis() == 0
        || !mayBeServed(client, client.session().seat())) {
      return;
    }
    Part part = part(command, frame);
    if (part != null) {
      of.insteadOfError(cache.laterOnError(rule, part::of));
    }
  }

  /**
   * An MGET that memory did not answer: what is to hear of its reply.
   *
   * @return null: nothing of it is kept
   */
  @Nullable ManyFill fill(ConnectedClient client, Command command, RequestFrame frame) {
    Seat seat = client.session().seat();
    if (frame.argc() - 1 > KEYS_MAX || !mayBeServed(client, seat)) {
      return null;
    }
    ManyFill many = null;
    boolean fromCopies = CopyReads.mayAnswer(client, command);
    Router router = pool.router();
    for (int i = 1; i < frame.argc(); i++) {
      CacheRule rule = ruleOf(frame, i);
      many = many == null && rule != null ? skipping(i - 1, seat) : many;
      if (many != null && rule == null) {
        many.skip();
      } else if (many != null && rule != null) {
        Node of = fromCopies ? null : router.backends().get(router.nodeFor(frame, i)).node();
        many.add(rule, of);
        cache.recorder(rule).misses++;
      }
    }
    return many;
  }

  private ManyFill skipping(int keys, Seat seat) {
    ManyFill many = new ManyFill(cache, seat);
    for (int i = 0; i < keys; i++) {
      many.skip();
    }
    return many;
  }
}
