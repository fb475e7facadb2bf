package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.HashFetch;
import io.cashew.proxy.cache.HashPart;
import io.cashew.proxy.cache.HashQuestion;
import io.cashew.proxy.cache.HashValue;
import io.cashew.proxy.cache.HashWatch;
import io.cashew.proxy.cache.Leases;
import io.cashew.proxy.cache.Role;
import io.cashew.proxy.cache.Seat;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The way of {@code HGET}, {@code HMGET} and {@code HGETALL} past the near cache. Confined to the
 * worker.
 */
final class HashRequests {
  private final PoolPart pool;
  private final CachePart cache;
  private final KeyOwner owner;
  private final HashPart hashes;
  private final Forward forward;
  private final MemoryReplies replies;

  HashRequests(
      PoolPart pool, CachePart cache, KeyOwner owner, Forward forward, MemoryReplies replies) {
    this.pool = pool;
    this.cache = cache;
    this.owner = owner;
    hashes = new HashPart(cache);
    this.forward = forward;
    this.replies = replies;
  }

  /** The rule of the key, if the request may be told what memory has; null: it is sent. */
  private @Nullable CacheRule ruleOf(ConnectedClient client, Command command, RequestFrame frame) {
    int key = command.firstKey();
    CacheRule rule =
        command.arityMatches(frame.argc()) && owner.has(frame, key)
            ? cache.ruleOf(frame, key)
            : null;
    return rule == null || !MemoryReplies.mayBeServed(client, client.session().seat())
        ? null
        : rule;
  }

  /**
   * Answers a request from memory, or has it wait for what others bring.
   *
   * @return whether it has its reply, or will have; if not, it must be sent
   */
  boolean answers(ConnectedClient client, Role read, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    CacheRule rule = ruleOf(client, command, frame);
    Seat seat = client.session().seat();
    if (rule == null || cache.mayBeOwed(seat)) {
      return false;
    }
    boolean resp3 = client.session().resp3();
    HashValue known = hashes.value(rule);
    Leases.Lease lease = known == null ? cache.leaseOfOther(rule, seat) : null;
    if (lease != null) {
      waitForLoader(client, read, command, frame, rule, lease);
      return true;
    }
    if (known != null || cache.nothing(rule, resp3) != null) {
      give(client, read, command, frame, known);
      return true;
    }
    return frame.length() <= CachedRequests.JOINED_MAX && ask(client, read, command, frame, rule);
  }

  private void give(
      ConnectedClient client,
      Role read,
      Command command,
      RequestFrame frame,
      @Nullable HashValue hash) {
    ByteBuf out = replies.begin();
    hashes.write(read, frame, hash, client.session().resp3(), out);
    replies.give(client, command, out);
  }

  private void waitForLoader(
      ConnectedClient client,
      Role read,
      Command command,
      RequestFrame frame,
      CacheRule rule,
      Leases.Lease lease) {
    HashQuestion question = HashQuestion.of(read, frame, client.session().resp3());
    ReplySlot slot = client.addSlot();
    forward.keepForRetry(client, slot, command, frame);
    if (frame.length() > CachedRequests.JOINED_MAX
        || !hashes.waits(rule, lease, client.session().seat(), slot, question)) {
      slot.give(question.reply(null));
    }
  }

  private boolean ask(
      ConnectedClient client, Role read, Command command, RequestFrame frame, CacheRule rule) {
    Backend primary = pool.router().find(frame, command).target();
    if (primary == null) {
      return false;
    }
    HashValue onError = primary.node().circuitOpen() ? hashes.onError(rule) : null;
    if (onError != null) {
      give(client, read, command, frame, onError);
      return true;
    }
    HashFetch fetch = hashes.fetch(rule, primary, client.lane());
    HashQuestion question = HashQuestion.of(read, frame, client.session().resp3());
    boolean copies = CopyReads.mayAnswer(client, command);
    HashWatch underWay = fetch == null ? hashes.underWay(rule, question, copies) : null;
    if (fetch == null && underWay == null) {
      return false;
    }
    Seat seat = client.session().seat();
    ReplySlot slot = client.addSlot();
    forward.keepForRetry(client, slot, command, frame);
    if (underWay != null) {
      slot.watchedBy(underWay.join(seat, slot, question));
    } else if (fetch != null) {
      slot.watchedBy(fetch.join(seat, slot, question));
      fetch.send();
    }
    return true;
  }

  /** What is to hear of the reply to a request that is sent; null: nothing of a hash's own. */
  @Nullable HashWatch watch(
      ConnectedClient client, Role read, Command command, RequestFrame frame) {
    CacheRule rule =
        frame.length() > CachedRequests.JOINED_MAX ? null : ruleOf(client, command, frame);
    if (rule == null) {
      return null;
    }
    Seat seat = client.session().seat();
    HashQuestion question = HashQuestion.of(read, frame, client.session().resp3());
    return hashes.watch(rule, seat, question, !cache.mayBeOwed(seat));
  }
}
