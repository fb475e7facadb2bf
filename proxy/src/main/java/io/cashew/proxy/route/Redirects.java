package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.ReadKind;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests that a server has not executed: what becomes of each, and those that wait until another
 * server takes them, or that one after all. One per pool and worker, confined to it.
 *
 * <p>{@code MOVED} and {@code ASK} name the server to which a request goes at once. {@code
 * TRYAGAIN} has it asked again after a pause. {@code READONLY}, {@code LOADING}, {@code MASTERDOWN}
 * and {@code CLUSTERDOWN} have it wait for another server, or for that one to take it, as does a
 * request that never left; for as long as {@link Node#failoverWaitMillis} says. A request goes to
 * at most {@link #MAX_HOPS} other servers, and to none any more when its time-out is over. Where
 * slots move the count begins anew whenever the servers' own epochs say that the slot has moved:
 * one that moves quickly is followed as long as it takes. Behind the last hop a request waits for
 * such news, so servers that name each other are asked no oftener than that.
 *
 * <p>The order of a client's requests holds through this. What the client sends next waits where it
 * could overtake. Those that were in flight behind a request that came back come back as well: what
 * the server has not executed goes again behind it; what only reads is asked again behind it,
 * though it was answered; if anything else was executed that has a key in common with it, the
 * request fails rather than run late. {@link SlotOrder} says what that means while slots move.
 * Where a server refuses everything, a request is sent again only when none of the client's is in
 * flight there any more.
 */
public final class Redirects implements Returns {
  /** To how many other servers a request may go. */
  static final int MAX_HOPS = 5;

  /** A server that has refused requests is asked again after so long. */
  private static final long ASK_AGAIN_MILLIS = 100;

  /** How long at least a request waits for a server that is not known yet. */
  private static final long UNKNOWN_SERVER_MILLIS = 1000;

  private final Worker worker;
  private final RequestHome home;
  private final Runnable look = this::lookElsewhere;
  private final Redirection redirection = new Redirection();
  private final MovedHints hints = new MovedHints();

  /** In the order in which they came back. */
  private List<Redirectable> waiting = new ArrayList<>();

  private boolean lookScheduled;
  private long askAgainMillis;

  /** No request waits. */
  public Redirects(Worker worker, RequestHome home) {
    this.worker = worker;
    this.home = home;
  }

  @Override
  public ByteBufAllocator allocator() {
    return worker.allocator();
  }

  @Override
  public boolean keysOf(ByteBuf request, Lane lane, RequestKeys into) {
    return home.keysOf(request, lane, into);
  }

  private long now() {
    return worker.nowNanos();
  }

  // ---------------------------------------------------------------- what comes back

  @Override
  public boolean takesReply(Redirectable request, ByteBuf buf, int index, int length) {
    assert worker.inThread();
    Verdict verdict = buf.getByte(index) == '-' ? Verdict.of(buf, index, length) : Verdict.ANSWER;
    Backend from = request.backend();
    if (from != null
        && from.node().isReplica()
        && ReplicaReply.isNoAnswer(from, verdict, buf, index, length, home)) {
      return isNotRead(request, from, buf, index, length);
    }
    if (verdict == Verdict.ANSWER) {
      return wasExecuted(request);
    }
    if (from == null || !request.wanted()) {
      return false;
    }
    return switch (verdict) {
      case READONLY, LOADING, MASTERDOWN -> isRefused(request, from, verdict, buf, index, length);
      case CLUSTERDOWN ->
          home.slotsMoveAt(from.node()) && isRefused(request, from, verdict, buf, index, length);
      case MOVED, ASK ->
          home.slotsMoveAt(from.node())
              && (redirection.read(buf, index, length, from.node().address().text())
                  ? isRedirected(request, from, verdict)
                  : isLedNowhere(request, from));
      case TRYAGAIN -> home.slotsMoveAt(from.node()) && isSplit(request, from);
      case ANSWER -> false;
    };
  }

  /** A read is asked elsewhere, since its replica has said nothing that counts. */
  private boolean isNotRead(
      Redirectable request, Backend from, ByteBuf buf, int index, int length) {
    if (!request.wanted()) {
      return false;
    }
    Detour detour = beginsRead(request, from);
    if (detour.isOver(now())) {
      return false;
    }
    if (buf.getByte(index) == '-') {
      byte[] error = ByteBufUtil.getBytes(buf, index, length);
      detour.isRefused(from, Verdict.ANSWER, new Refusal.Said(error));
    } else {
      detour.isAskedAgain(from);
    }
    from.recorder().read(ReadKind.ELSEWHERE);
    return true;
  }

  /** Since a replica has not answered it, it may look for another server from now on. */
  private Detour beginsRead(Redirectable request, Backend from) {
    Detour detour = request.detour();
    if (!detour.isBegun()) {
      detour.begin(now(), 0);
    }
    looks(detour, from, now());
    return detour;
  }

  private boolean isRefused(
      Redirectable request, Backend from, Verdict verdict, ByteBuf buf, int index, int length) {
    if (from.node().failoverWaitMillis() == 0) {
      return false;
    }
    from.node().refuses(verdict);
    Detour detour = begin(request, from);
    looks(detour, from, now());
    if (detour.isOver(now())) {
      return false;
    }
    detour.isRefused(from, verdict, new Refusal.Said(ByteBufUtil.getBytes(buf, index, length)));
    return true;
  }

  private boolean isRedirected(Redirectable request, Backend from, Verdict verdict) {
    Backend to = home.at(from.node(), redirection);
    if (verdict == Verdict.MOVED || to == null) {
      hints.moved(from.node(), redirection, worker.tickMillis());
    }
    home.slotMoves(from.node(), redirection.slot());
    if (verdict == Verdict.MOVED && to != null) {
      home.isAt(redirection.slot(), from, to);
    }
    int news = home.newsOf(from.node(), redirection.slot());
    begin(request, from).isRedirected(from, verdict, redirection, to, news, now());
    return true;
  }

  private boolean isLedNowhere(Redirectable request, Backend from) {
    Detour detour = begin(request, from);
    looks(detour, from, now());
    detour.isRefused(from, Verdict.CLUSTERDOWN, Refusal.leadsNowhere(from.node().name()));
    return true;
  }

  private boolean isSplit(Redirectable request, Backend from) {
    RequestKeys keys = request.keys();
    int slot = keys == null ? 0 : home.slotOf(keys.group());
    home.slotMoves(from.node(), slot);
    begin(request, from).isSplit(from, slot, now());
    return true;
  }

  /**
   * A request was executed. Those that its client has sent before it, that were not, and that have
   * a key in common with it, are too late.
   *
   * @return whether it is asked again behind them; if not, they have failed
   */
  private boolean wasExecuted(Redirectable request) {
    if (!request.wanted() || request.exchange().order().isSettled()) {
      return false;
    }
    List<Redirectable> before = SlotOrder.before(request);
    Backend from = request.backend();
    if (before.isEmpty() || from == null) {
      return false;
    }
    if (request.exchange().onlyReads()) {
      Detour detour = begin(request, from);
      looks(detour, from, now());
      if (!detour.isOver(now())) {
        detour.isAskedAgain(from);
        return true;
      }
    }
    for (Redirectable each : before) {
      each.detour().isOvertaken();
      if (each.isWaiting()) {
        waiting.remove(each);
        giveUp(each);
      }
    }
    return false;
  }

  @Override
  public boolean takesFailure(Redirectable request, NodeFailure failure) {
    assert worker.inThread();
    Backend from = request.backend();
    if (from != null && from.node().isReplica() && request.wanted()) { // it only reads
      Detour detour = beginsRead(request, from);
      boolean looks = !detour.isOver(now());
      if (looks) {
        detour.isRefused(from, Verdict.ANSWER, new Refusal.Unsent(failure));
        from.recorder().read(ReadKind.ELSEWHERE);
      }
      return looks;
    }
    if (from == null
        || !request.wanted()
        || !mayBeSentAgain(request, failure)
        || from.node().failoverWaitMillis() == 0) {
      return false;
    }
    // What has waited before it was sent does not wait twice.
    Detour detour = begin(request, from);
    looks(detour, from, request.exchange().arrivedNanos());
    if (detour.isOver(now())) {
      return false;
    }
    detour.isRefused(from, Verdict.ANSWER, new Refusal.Unsent(failure));
    return true;
  }

  /** What has left may have been executed: only a part that reads is sent again, and once. */
  private static boolean mayBeSentAgain(Redirectable request, NodeFailure failure) {
    return failure.unsent()
        || (failure.beforeReply() && !request.isOnDetour() && request.exchange().readsOnceMore());
  }

  @Override
  public boolean givesBack(
      Exchange request, LeaseRefusal holder, ByteBuf buf, int index, int length) {
    Verdict verdict = Verdict.of(buf, index, length);
    Node from = request.node();
    if (from == null) {
      return false;
    }
    Backend to = null;
    if (verdict == Verdict.MOVED || verdict == Verdict.ASK) {
      if (redirection.read(buf, index, length, from.address().text())) {
        to = home.at(from, redirection);
        home.slotMoves(from, redirection.slot());
        hints.moved(from, redirection, worker.tickMillis());
      }
    } else if (verdict.notExecuted() && verdict != Verdict.TRYAGAIN) {
      from.refuses(verdict);
    }
    return holder.takes(verdict, to);
  }

  private static Detour begin(Redirectable request, Backend from) {
    Detour detour = request.detour();
    if (!detour.isBegun()) {
      detour.begin(
          request.exchange().arrivedNanos(), TimeUnit.MILLISECONDS.toNanos(from.timeoutMillis()));
    }
    return detour;
  }

  /** Another server may take what was refused, for so long since then. */
  private static void looks(Detour detour, Backend from, long sinceNanos) {
    detour.looksUntil(sinceNanos + TimeUnit.MILLISECONDS.toNanos(from.node().failoverWaitMillis()));
  }

  @Override
  public void wait(Redirectable request) {
    Exchange exchange = request.exchange();
    exchange.order().unsettle();
    if (request.detour().isOfSlot()) {
      if (!goesOn(request, false)) {
        waiting.add(request);
      }
      return;
    }
    exchange.waits();
    waiting.add(request);
    lookSoon(); // who serves its keys may have changed while it was on its way
  }

  @Override
  public void oneIsOver() {
    if (!waiting.isEmpty()) {
      lookSoon();
    }
  }

  private void lookSoon() {
    if (!lookScheduled) {
      lookScheduled = true;
      worker.eventLoop().execute(look);
    }
  }

  // ---------------------------------------------------------------- what is sent again

  @Override
  public void sendOnceMore(Redirectable request) {
    Backend before = request.backend();
    home.sentAgain();
    boolean isGone = before != null && (before.retired() || before.node().circuitOpen());
    Backend to = before == null ? elsewhere(request) : isGone ? elsewhere(request, before) : before;
    request.sendTo(
        to == null ? home.backendOf(request.bytes(), request.exchange().lane()) : to, false);
  }

  private @Nullable Backend elsewhere(Redirectable request) {
    return request.place(home);
  }

  private @Nullable Backend elsewhere(Redirectable request, @Nullable Backend from) {
    return from == null ? elsewhere(request) : request.placeInsteadOf(from, home);
  }

  /** Other servers may serve keys: what waits for that goes there. */
  public void topologyChanged() {
    assert worker.inThread();
    look(false);
  }

  /** Some time has passed: servers that refused requests are asked again. */
  public void onTick(long tickMillis) {
    hints.onTick(tickMillis);
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
   * waits again.
   *
   * @param alsoWhereItWas whether a server that has refused a request is asked again
   */
  private void look(boolean alsoWhereItWas) {
    List<Redirectable> before = waiting;
    waiting = new ArrayList<>();
    for (Redirectable each : before) {
      if (!each.isWaiting()) {
        continue; // it has ended while others were looked at
      }
      if (!each.wanted()) {
        each.failed(NodeFailure.ABANDONED);
      } else if (!goesOn(each, alsoWhereItWas)) {
        waiting.add(each);
      }
    }
  }

  /** Whether a request was sent again, or has ended. */
  private boolean goesOn(Redirectable request, boolean alsoWhereItWas) {
    Detour detour = request.detour();
    long now = now();
    if (detour.isOver(now)) {
      giveUp(request);
      return true;
    }
    long pauseMillis = detour.pauseLeftMillis(now);
    if (pauseMillis > 0) {
      var unused = worker.eventLoop().schedule(look, pauseMillis, TimeUnit.MILLISECONDS);
      return false;
    }
    if (!detour.isOfSlot() && request.exchange().othersFollowAt(request.backend())) {
      return false;
    }
    Backend to = next(request, detour);
    if (to == null) {
      giveUp(request);
      return true;
    }
    boolean named = detour.to() != null;
    if (detour.isOfSlot() && to != detour.from() && detour.hops() >= MAX_HOPS) {
      looksForServer(detour, to, now);
      return beginsAnew(detour) && goesOn(request, alsoWhereItWas);
    }
    if (to.node().circuitOpen()
        || (to == detour.from() && !named && !alsoWhereItWas && !detour.mayReturn())) {
      looksForServer(detour, to, now);
      return false;
    }
    if (!SlotOrder.mayGo(request, to)) {
      return false;
    }
    boolean asking = detour.asks() && named;
    if (to.retired() || !request.mayGoTo(to) || detour.sentTo(to) > MAX_HOPS) {
      giveUp(request);
    } else {
      home.sentAgain();
      request.sendTo(to, asking);
    }
    return true;
  }

  /** Whether a request has hops again, since it was learnt anew who has its slot. */
  private boolean beginsAnew(Detour detour) {
    Backend teller = detour.from();
    return teller != null && detour.beginsAnew(home.newsOf(teller.node(), detour.slot()));
  }

  /** Where a request goes next: where it was sent to, or who serves its keys; null: nobody may. */
  private @Nullable Backend next(Redirectable request, Detour detour) {
    Backend named = detour.to();
    if (named != null && !named.retired()) {
      return named;
    }
    Redirection unknown = detour.unknown();
    Backend teller = detour.from();
    Backend found = unknown == null || teller == null ? null : home.at(teller.node(), unknown);
    if (found != null) {
      detour.leadsTo(found);
      return found;
    }
    // What is asked again, and was not refused, is asked of the primary.
    return detour.mayReturn() ? elsewhere(request) : elsewhere(request, detour.from());
  }

  /** The server that is to take a request is not there, or not known yet. */
  private static void looksForServer(Detour detour, Backend to, long now) {
    if (detour.isOfSlot()) {
      long millis = Math.max(to.node().failoverWaitMillis(), UNKNOWN_SERVER_MILLIS);
      detour.looksUntil(now + TimeUnit.MILLISECONDS.toNanos(millis));
    }
  }

  /** Ends a request with what its server has said; one that was answered is asked again. */
  private void giveUp(Redirectable request) {
    Detour detour = request.detour();
    Backend from = detour.from();
    Refusal why = detour.whyItEnds(from == null ? "" : from.node().pool());
    request.isAnswered();
    detour.end();
    if (why == null) {
      request.sendTo(home.backendOf(request.bytes(), request.exchange().lane()), false);
    } else {
      request.end(why);
      oneIsOver();
    }
  }

  /** Ends all that waits: the pool's clients have been closed. */
  public void close() {
    assert worker.inThread();
    List<Redirectable> before = waiting;
    waiting = new ArrayList<>();
    before.forEach(each -> each.failed(NodeFailure.ABANDONED));
  }
}
