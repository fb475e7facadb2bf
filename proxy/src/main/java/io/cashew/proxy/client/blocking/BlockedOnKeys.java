package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.route.RequestKeys;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A command that waits for keys, on a connection that its client leases. Confined to the worker.
 *
 * <p>A server that has not executed it, or has ended the wait since the slot of the keys has left
 * it, has given nothing: the client waits at the next server for as long as is left.
 */
final class BlockedOnKeys implements Mode {
  private final PendingReply slot;
  private final Client client;
  private @Nullable Lease lease;

  /** Is to wait in {@code slot}. */
  BlockedOnKeys(PendingReply slot, Client client) {
    this.slot = slot;
    this.client = client;
    slot.whenOver(
        type -> {
          end();
          client.leave(this);
        });
  }

  /** Begins to wait. */
  void on(Backend backend, RequestFrame frame, Command command) {
    if (client.pool().serversMayChange()) {
      WaitElsewhere further = new WaitElsewhere(frame, command, client.pool().worker().nowNanos());
      slot.onLease((verdict, to) -> goesOn(further, verdict, to));
    }
    send(backend, frame, command.blocksFor(frame).in(frame), false);
  }

  private void send(Backend backend, RequestFrame frame, long millis, boolean asking) {
    Lease leased = backend.lease(client.lane());
    if (leased == null) {
      slot.goesTo(backend.node()); // it was to
      slot.onFailure(backend.leaseFailure());
    } else {
      lease = leased;
      leased.patience(millis);
      leased.waitForKey();
      if (asking) {
        leased.asking();
      }
      leased.send(frame.buf(), frame.start(), frame.length(), slot);
    }
  }

  /** A server has not executed it. @return whether it waits at another, or there later */
  private boolean goesOn(WaitElsewhere further, Verdict verdict, @Nullable Backend to) {
    if (!verdict.notExecuted()) {
      return false;
    }
    Lease done = lease;
    long failoverWaitMillis = done == null ? 0 : done.backend().node().failoverWaitMillis();
    long now = client.pool().worker().nowNanos();
    if (!further.mayGoOn(verdict, failoverWaitMillis, news(further), now)) {
      if (further.isOfSlot(verdict)) {
        slot.onFailure(WaitElsewhere.NOWHERE);
        return true;
      }
      return false;
    }
    end();
    lease = null;
    long pauseMillis = further.pauseMillis();
    if (pauseMillis == 0 && to != null) {
      again(further, verdict, to);
    } else {
      var unused =
          client
              .pool()
              .worker()
              .eventLoop()
              .schedule(
                  () -> again(further, verdict, to),
                  Math.max(1, pauseMillis),
                  TimeUnit.MILLISECONDS);
    }
    return true;
  }

  private void again(WaitElsewhere further, Verdict verdict, @Nullable Backend to) {
    if (!slot.wanted()) {
      slot.onFailure(NodeFailure.ABANDONED);
      return;
    }
    RequestFrame frame = frame(further);
    Backend named = to == null || to.retired() ? null : to;
    Backend next = named == null ? found(frame, further.command()) : named;
    if (next == null) {
      slot.onFailure(WaitElsewhere.NOWHERE);
      return;
    }
    client.wroteElsewhere(next.node());
    send(
        next,
        frame,
        further.command().blocksFor(frame).in(frame),
        verdict == Verdict.ASK && named != null);
  }

  /** The request as it is to be sent now. */
  private RequestFrame frame(WaitElsewhere further) {
    ByteBuf request = Unpooled.wrappedBuffer(further.request(client.pool().worker().nowNanos()));
    RequestFrame frame = new RequestFrame();
    new RequestDecoder(client.pool().settings().limits())
        .decode(request, 0, request.writerIndex(), frame);
    return frame;
  }

  /** How often it was learnt who has the slot of its keys. */
  private int news(WaitElsewhere further) {
    Router router = client.pool().router();
    RequestKeys keys = new RequestKeys();
    int before = router.speaksFor(client.lane().routes());
    boolean known = keys.read(frame(further), further.command(), router.placement());
    router.speaksFor(before);
    return known ? router.table().newsOf(keys.group()) : 0;
  }

  private @Nullable Backend found(RequestFrame frame, Command command) {
    Router router = client.pool().router();
    int before = router.speaksFor(client.lane().routes());
    Backend target = router.find(frame, command).target();
    router.speaksFor(before);
    return target;
  }

  @Override
  public boolean isBlocked() {
    return true;
  }

  @Override
  public void unblock(boolean withError, Consumer<Boolean> done) {
    assert client.pool().worker().inThread();
    Lease waiting = lease;
    if (waiting == null) {
      done.accept(false);
    } else {
      waiting.unblock(withError, done);
    }
  }

  @Override
  public boolean waitsInVain() {
    Lease waiting = lease;
    return waiting != null && waiting.backend().retired();
  }

  @Override
  public void abandon() {
    assert client.pool().worker().inThread();
    Lease waiting = lease;
    if (waiting != null) {
      waiting.leave();
    }
  }

  private void end() {
    Lease waiting = lease;
    if (waiting != null) {
      waiting.giveBack();
    }
  }
}
