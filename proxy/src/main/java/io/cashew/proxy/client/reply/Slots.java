package io.cashew.proxy.client.reply;

import io.cashew.proxy.client.ReplyLimits;
import io.cashew.proxy.client.Wording;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Redirects;
import io.cashew.proxy.route.RequestHome;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * The free slots of a pool's clients on one worker, and what all slots and queues of these clients
 * share. Confined to the worker.
 */
public final class Slots {
  private static final int MAX_FREE = 16 << 10;

  private final Worker worker;
  private final PoolRecorder recorder;
  private final Home home;
  private final Wording wording;
  private final Redirects redirects;
  private final ArrayDeque<ReplySlot> free = new ArrayDeque<>();
  private ReplyLimits limits;

  /** What slots ask of their pool. */
  public interface Home extends RequestHome {
    /** Counts an error reply of a node, of which the first word is there. @return the word */
    String error(ByteBuf buf, int index, int length);

    /** Counts an error reply of the proxy's own. @return its first word */
    String error(byte[] reply);
  }

  /** No slots yet. */
  public Slots(
      Worker worker, PoolRecorder recorder, ReplyLimits limits, Home home, Wording wording) {
    this.wording = wording;
    this.worker = worker;
    this.recorder = recorder;
    this.limits = limits;
    this.home = home;
    redirects = new Redirects(worker, home);
  }

  Worker worker() {
    return worker;
  }

  PoolRecorder recorder() {
    return recorder;
  }

  /** The requests that wait to be sent again. */
  public Redirects redirects() {
    return redirects;
  }

  /** How clients are told of what happens. */
  Wording wording() {
    return wording;
  }

  Home home() {
    return home;
  }

  ReplyLimits limits() {
    return limits;
  }

  /** Has other limits from now on; each queue is to be told. */
  public void limits(ReplyLimits newLimits) {
    assert worker.inThread();
    limits = newLimits;
  }

  ReplySlot take(ReplyQueue queue, boolean muted, long place) {
    ReplySlot slot = free.poll();
    if (slot == null) {
      slot = new ReplySlot(this);
    }
    slot.take(queue, muted, place);
    return slot;
  }

  void give(ReplySlot slot) {
    if (free.size() < MAX_FREE) {
      free.push(slot);
    }
  }
}
