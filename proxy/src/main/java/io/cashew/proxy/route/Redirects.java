package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests that a server has not executed and that wait until another takes its place, or until it
 * takes them after all. One per pool and worker, confined to it.
 *
 * <p>The order of a client's requests holds through this. While one of them waits, the client's
 * next ones are not taken ({@link Exchange#waits}). Those that were in flight behind it at the same
 * server come back as well: what the server has refused waits behind it; what only reads is asked
 * again behind it, though it was answered; if anything else was executed, those before it fail
 * rather than run late. A request is sent again only when none of them is in flight there any more.
 *
 * <p>A request looks for another server for as long as {@link Node#failoverWaitMillis} says, and
 * goes to at most {@link #MAX_HOPS} of them. Then its client gets what the server has said.
 */
public final class Redirects {
  /** To how many other servers a request may go. */
  static final int MAX_HOPS = 5;

  /** A server that has refused requests is asked again after so long. */
  private static final long ASK_AGAIN_MILLIS = 100;

  /** What waiting requests ask of their pool. */
  public interface Home {
    /** Where a request goes now that was sent before; borrows it. */
    Backend backendOf(ByteBuf request);

    /** A request is sent again. */
    void sentAgain();
  }

  private final Worker worker;
  private final Home home;
  private final Runnable look = this::lookElsewhere;

  /** In the order in which they came back, which for each client is that in which it sent them. */
  private List<Exchange> waiting = new ArrayList<>();

  /** The {@link Exchange#order} of each of them. */
  private Set<Object> clients = identities();

  private boolean lookScheduled;
  private long askAgainMillis;

  /** No request waits. */
  public Redirects(Worker worker, Home home) {
    this.worker = worker;
    this.home = home;
  }

  private static Set<Object> identities() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  ByteBufAllocator allocator() {
    return worker.allocator();
  }

  // ---------------------------------------------------------------- what comes back

  /**
   * Whether a reply that begins is not the client's, since its request is to be sent again.
   *
   * @param buf holds the first piece of it, an error whole; borrowed
   */
  boolean takesReply(Exchange exchange, ByteBuf buf, int index, int length) {
    assert worker.inThread();
    Verdict verdict = buf.getByte(index) == '-' ? Verdict.of(buf, index, length) : Verdict.ANSWER;
    if (anotherServerMayTakeIt(verdict)) {
      Backend from = exchange.backend();
      if (from == null || from.node().failoverWaitMillis() == 0) {
        return false;
      }
      from.node().refuses(verdict);
      byte[] error = ByteBufUtil.getBytes(buf, index, length);
      return detours(exchange, new Refusal.Said(error), now());
    }
    return !waiting.isEmpty()
        && exchange.wanted()
        && clients.contains(exchange.order())
        && wasExecutedOutOfTurn(exchange);
  }

  /** What is said of slots is for the source of a Cluster. */
  private static boolean anotherServerMayTakeIt(Verdict verdict) {
    return switch (verdict) {
      case READONLY, LOADING, MASTERDOWN -> true;
      case MOVED, ASK, TRYAGAIN, CLUSTERDOWN, ANSWER -> false;
    };
  }

  /**
   * A request was executed. If requests that its client has sent before it to the same server wait,
   * it was too early.
   *
   * @return whether it is asked again behind them; if not, they have failed
   */
  private boolean wasExecutedOutOfTurn(Exchange exchange) {
    List<Exchange> before = new ArrayList<>();
    for (Exchange each : waiting) {
      if (each.wanted()
          && each.order() == exchange.order()
          && each.backend() == exchange.backend()) {
        before.add(each);
      }
    }
    if (before.isEmpty()) {
      return false;
    }
    if (exchange.request().onlyReads() && detours(exchange, null, now())) {
      return true;
    }
    waiting.removeAll(before);
    before.forEach(this::giveUp);
    return false;
  }

  /** Whether a failure is not the client's, since its request is to be sent again. */
  boolean takesFailure(Exchange exchange, NodeFailure failure) {
    assert worker.inThread();
    return failure.unsent()
        && detours(exchange, new Refusal.Unsent(failure), exchange.arrivedNanos());
  }

  /**
   * Whether a request may be sent again.
   *
   * @param sinceNanos when its first detour has begun, if this is the first: one that has waited
   *     before it was sent does not wait twice
   */
  private boolean detours(Exchange exchange, @Nullable Refusal why, long sinceNanos) {
    Backend from = exchange.backend();
    if (from == null || !exchange.wanted()) {
      return false;
    }
    long waitMillis = from.node().failoverWaitMillis();
    Detour detour = exchange.detour();
    if (detour == null) {
      detour = new Detour(from, sinceNanos + TimeUnit.MILLISECONDS.toNanos(waitMillis));
      exchange.detour(detour);
    }
    if (waitMillis == 0 || detour.isOver(now())) {
      return false;
    }
    detour.comesBack(from, why);
    return true;
  }

  private long now() {
    return worker.nowNanos();
  }

  /** A request waits to be sent again. */
  void wait(Exchange exchange) {
    waiting.add(exchange);
    clients.add(exchange.order());
    exchange.waits();
    if (!lookScheduled) { // who serves its keys may have changed while it was on its way
      lookScheduled = true;
      worker.eventLoop().execute(look);
    }
  }

  // ---------------------------------------------------------------- what is sent again

  /** Sends a request, which only reads, once more: its connection has ended. */
  void sendOnceMore(Exchange exchange) {
    Backend before = exchange.backend();
    home.sentAgain();
    exchange.sendTo(before == null || before.retired() ? elsewhere(exchange) : before);
  }

  private Backend elsewhere(Exchange exchange) {
    return home.backendOf(exchange.request().whole());
  }

  /** Other servers may serve keys: what waits for that goes there. */
  public void topologyChanged() {
    assert worker.inThread();
    look(false);
  }

  /** Some time has passed: servers that refused requests are asked again. */
  public void onTick(long tickMillis) {
    if (!waiting.isEmpty()) {
      boolean again = tickMillis >= askAgainMillis;
      if (again) {
        askAgainMillis = tickMillis + ASK_AGAIN_MILLIS;
      }
      look(again);
    }
  }

  private void lookElsewhere() {
    lookScheduled = false;
    look(false);
  }

  /**
   * Sends what can be sent, in order, and ends what has waited long enough. What comes back at once
   * waits again, and those behind it with it.
   *
   * @param alsoWhereItWas whether a server that has refused a request is asked again
   */
  private void look(boolean alsoWhereItWas) {
    List<Exchange> before = waiting;
    waiting = new ArrayList<>();
    clients = identities();
    for (Exchange each : before) {
      if (!each.wanted()) {
        each.failed(NodeFailure.ABANDONED);
      } else if (clients.contains(each.order()) || !goesOn(each, alsoWhereItWas)) {
        clients.add(each.order());
        waiting.add(each);
      }
    }
  }

  /** Whether a request was sent again, or has ended. */
  private boolean goesOn(Exchange exchange, boolean alsoWhereItWas) {
    Detour detour = exchange.detour();
    if (detour == null) {
      throw new IllegalStateException("a request waits that nobody has refused");
    }
    if (detour.isOver(now())) {
      giveUp(exchange);
      return true;
    }
    if (exchange.othersFollowAtItsBackend()) {
      return false;
    }
    Backend to = elsewhere(exchange);
    if (to.node().circuitOpen() || (to == detour.from() && !alsoWhereItWas)) {
      return false;
    }
    if (detour.sentTo(to) > MAX_HOPS) {
      giveUp(exchange);
    } else {
      home.sentAgain();
      exchange.sendTo(to);
    }
    return true;
  }

  /** Ends a request with what its server has said; one that was answered is asked again. */
  private void giveUp(Exchange exchange) {
    Detour detour = exchange.detour();
    Refusal why = detour == null ? null : detour.refusal();
    exchange.request().isAnswered();
    if (why == null) {
      exchange.sendTo(elsewhere(exchange));
    } else {
      why.end(exchange);
    }
  }

  /** Ends all that waits: the pool's clients have been closed. */
  public void close() {
    assert worker.inThread();
    List<Exchange> before = waiting;
    waiting = new ArrayList<>();
    before.forEach(each -> each.failed(NodeFailure.ABANDONED));
  }
}
