package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Values that are given although their keys have ended, as one worker has it: asks servers what
 * became of keys that have changed, and has those wait that would be told nil before that is known.
 * Confined to the worker, but for {@link #lookAgain}.
 */
final class StalePart implements Stale.Room {
  private static final byte[] GET = Replies.bytes("*2\r\n$3\r\nGET\r\n");
  private static final byte[] EXISTS = Replies.bytes("*2\r\n$6\r\nEXISTS\r\n");

  /** A server that says nothing for so long is not believed. */
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final NearCache cache;
  private final StaleValues values;
  private final SourceLinks links;
  private final RuleRecorder[] recorders;
  private final Worker worker;
  private final Questions questions;
  private final Map<Stale, Held> held = new HashMap<>();

  StalePart(NearCache cache, Questions questions, SourceLinks links, RuleRecorder[] recorders) {
    this.cache = cache;
    this.links = links;
    this.recorders = recorders;
    this.questions = questions;
    worker = questions.worker();
    values = cache.staleValues();
  }

  /** Those that are told nil, or what was there before. */
  private record Held(KeyBytes key, CacheRule rule, ArrayDeque<Waiter> waiters) {}

  private @Nullable Kept of(KeyBytes key, long nowNanos) {
    return values.of(key, cache.ownership(), nowNanos);
  }

  // ---------------------------------------------------------------- what is given

  /**
   * What a client that asks for a key is given from memory although the key has ended; null:
   * nothing is. Of all that ask one is given nothing, and is to load the next value.
   */
  byte @Nullable [] value(KeyBytes key, CacheRule rule, Seat seat) {
    long now = System.nanoTime();
    Kept kept = of(key, now);
    Stale stale = kept == null ? null : kept.stale();
    return kept == null || stale == null || !stale.isGiven(now) || stale.loads(seat, now)
        ? null
        : given(kept, rule);
  }

  /**
   * The same for a client that does not load.
   *
   * @param whileLoading whether only while another client loads the next value
   */
  byte @Nullable [] peek(KeyBytes key, Seat seat, boolean whileLoading) {
    long now = System.nanoTime();
    Kept kept = of(key, now);
    Stale stale = kept == null ? null : kept.stale();
    return kept == null
            || stale == null
            || !stale.isGiven(now)
            || stale.isLoadedBy(seat)
            || (whileLoading && !stale.isLoaded())
        ? null
        : kept.reply();
  }

  private byte @Nullable [] given(Kept kept, CacheRule rule) {
    recorders[rule.index()].stale++;
    return kept.reply();
  }

  /** Whether a key has ended whose value may be given. */
  boolean isKept(KeyBytes key) {
    return of(key, System.nanoTime()) != null;
  }

  /**
   * A client is about to be told that there is no such key.
   *
   * @return whether it waits instead, or null: there is no value that might be given to it
   */
  @Nullable Boolean waits(
      KeyBytes key, CacheRule rule, Seat seat, Exchange request, boolean resp3) {
    long now = System.nanoTime();
    Kept kept = of(key, now);
    Stale stale = kept == null ? null : kept.stale();
    if (stale == null) {
      return null;
    }
    if (stale.loads(seat, now) || !cache.leases().mayWait()) {
      return false;
    }
    long end = worker.nowNanos() + WAIT_NANOS;
    Awaited what = new Awaited.Value(resp3);
    Waiter waiter = new Waiter(key, seat, request, what, end, cache.leases());
    held.computeIfAbsent(stale, at -> new Held(key, rule, new ArrayDeque<>())).waiters.add(waiter);
    stale.waitIn(this);
    return true;
  }

  /** A client is told that there is no such key: it loads it, unless another one does. */
  void isNil(KeyBytes key, Seat seat) {
    long now = System.nanoTime();
    Kept kept = of(key, now);
    Stale stale = kept == null ? null : kept.stale();
    if (stale != null) {
      stale.loads(seat, now);
    }
  }

  @Override
  public void lookAgain(Stale at) {
    worker.eventLoop().execute(() -> decided(at));
  }

  private void decided(Stale stale) {
    Held those = held.remove(stale);
    if (those == null) {
      return;
    }
    long now = System.nanoTime();
    Kept kept = of(those.key, now);
    boolean isGiven = kept != null && kept.stale() == stale && stale.isGiven(now);
    for (Waiter each : those.waiters) {
      byte[] value = isGiven && kept != null && each.waits() ? given(kept, those.rule) : null;
      if (value == null) {
        each.goAlone();
      } else {
        each.give(value);
      }
    }
  }

  /** Some time has passed. */
  void onTick(long nowNanos) {
    if (held.isEmpty()) {
      return;
    }
    for (Iterator<Held> all = held.values().iterator(); all.hasNext(); ) {
      ArrayDeque<Waiter> waiters = all.next().waiters;
      if (waiters.element().isLate(nowNanos)) {
        all.remove();
        List.copyOf(waiters).forEach(Waiter::giveNil);
      }
    }
  }

  // ---------------------------------------------------------------- what became of keys

  /** A server tells that a key has changed; its number rises behind this. */
  void changed(KeyBytes key, Node by) {
    Stale stale = values.changed(key, System.nanoTime());
    if (stale != null) {
      ask(key.copy(), stale, by);
    }
  }

  /** A server has said something of a key to a client, which may not be told what was before. */
  void isTold(KeyBytes key) {
    Stale stale = values.look(key);
    if (stale != null && stale.doubt()) {
      ask(key.copy(), stale, null);
    }
  }

  /** A client that was to load a key, perhaps, was not told that there is none. */
  void isNotLoaded(KeyBytes key, Seat seat, boolean byServer) {
    Stale stale = values.look(key);
    if (stale != null) {
      stale.release(seat);
      if (byServer) {
        isTold(key);
      }
    }
  }

  /**
   * A client deletes a key; its number rises behind this.
   *
   * @param by the connections on which the deletion is about to be sent; null: it was sent
   */
  void isDeleted(KeyBytes key, @Nullable Lane by) {
    Kept kept = values.isDeleted(key, System.nanoTime());
    if (kept != null && by != null) {
      send(GET, key, new NewestUntilThen(kept), by);
    }
  }

  /** These keys, which a client deletes, have been heard of as far as their servers tell now. */
  void deletionHeard(@Nullable Node of, List<KeyBytes> keys) {
    List<Stale> all = new ArrayList<>(keys.size());
    for (KeyBytes each : keys) {
      Stale stale = values.look(each);
      if (stale != null) {
        all.add(stale);
      }
    }
    if (!all.isEmpty()) {
      links.whenHeard(all.size() == 1 ? of : null, () -> all.forEach(Stale::deletionHeard));
    }
  }

  private Node send(byte[] command, KeyBytes key, OwnRequest request, Lane by) {
    Backend to = questions.primaryOf(key);
    questions.ask(command, key, request, to, by);
    return to.node();
  }

  /**
   * Asks for a value right before it is deleted. What others write just before a deletion their
   * server does not tell of by itself, if both are in one turn of its loop.
   */
  private final class NewestUntilThen extends OwnRequest {
    private final Kept kept;
    private int seen;

    NewestUntilThen(Kept kept) {
      this.kept = kept;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      byte[] value = kept.reply();
      boolean nil = seen == 0 && last && buf.getByte(index) == '$' && buf.getByte(index + 1) == '-';
      int end = seen + length;
      boolean same =
          value != null
              && end <= value.length
              && (!last || end == value.length)
              && ByteBufUtil.equals(buf, index, Unpooled.wrappedBuffer(value), seen, length);
      if (!nil && !same) {
        isOutdated();
      }
      seen = end;
    }

    @Override
    public void onFailure(NodeFailure failure) {
      isOutdated();
    }

    /** Also if it was kept anew since, by a reply that is older than this one. */
    private void isOutdated() {
      KeyBytes key = kept.key();
      cache.versions().end(cache.versions().stripe(key.hash()));
      values.isWritten(key);
    }
  }

  /** Asks whether there is such a key, in a later turn of its server than that which it told of. */
  private void ask(KeyBytes key, Stale stale, @Nullable Node by) {
    Question question = new Question(key, stale, by);
    question.node = send(EXISTS, key, question, questions.lane());
  }

  /** Whether there is such a key. */
  private final class Question extends OwnRequest {
    private final KeyBytes key;
    private final Stale stale;
    private final @Nullable Node changedAt;
    private final int doubts;
    private @Nullable Node node;

    /**
     * A question.
     *
     * @param changedAt which server has told that it has changed; null: none has
     */
    Question(KeyBytes key, Stale stale, @Nullable Node changedAt) {
      this.key = key;
      this.stale = stale;
      this.changedAt = changedAt;
      doubts = stale.doubts();
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      // An integer, or an error, is a line, which comes whole.
      boolean gone = buf.getByte(index) == ':' && buf.getByte(index + 1) == '0';
      if (gone && (changedAt == null || changedAt == node)) {
        links.whenHeard(node, () -> decide(true));
      } else {
        decide(false);
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      decide(false);
    }

    private void decide(boolean gone) {
      if (stale.decide(gone, doubts)) {
        ask(key, stale, changedAt);
      }
    }
  }
}
