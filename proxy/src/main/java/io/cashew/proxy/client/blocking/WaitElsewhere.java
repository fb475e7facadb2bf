package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.BlocksFor;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;

/**
 * A blocking command that may have to wait at another server than the first: what it was, until
 * when it waits, and how often it has been sent away. Confined to the worker.
 */
final class WaitElsewhere {
  /** What the client gets if no server executes it. */
  static final NodeFailure NOWHERE =
      new NodeFailure(
          FailureKind.CIRCUIT_OPEN,
          Replies.error(
              "CLUSTERDOWN The request was not executed: no server was found in time that has the"
                  + " slot of its keys"));

  /** Servers that name each other are asked in turns with pauses, these for so long at least. */
  private static final long LEAST_PATIENCE_MILLIS = 1000;

  private static final long FIRST_PAUSE_MILLIS = 5;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final byte[] request;
  private final Command command;

  /** When it began, and how long it waits in all; below 0: for ever. */
  private final long beganNanos;

  private final long waitMillis;

  /** When it was sent away first, and last, of times that follow each other closely. */
  private long awaySinceNanos;

  private long awayLastNanos;
  private long pauseMillis;
  private boolean wasAway;

  /** How often it had been learnt who has the slot of its keys when it was sent away last. */
  private int news;

  /** Keeps the request; borrows it. */
  WaitElsewhere(RequestFrame frame, Command command, long nowNanos) {
    request = ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length());
    this.command = command;
    beganNanos = nowNanos;
    waitMillis = command.blocksFor(frame).in(frame);
  }

  Command command() {
    return command;
  }

  /** Whether a server has spoken of the slot, and not of itself. */
  boolean isOfSlot(Verdict verdict) {
    return verdict == Verdict.MOVED || verdict == Verdict.ASK || verdict == Verdict.TRYAGAIN;
  }

  /**
   * A server has not executed it.
   *
   * @param failoverWaitMillis how long another server may be looked for
   * @param newsNow how often it was learnt so far who has the slot of its keys: when that is more
   *     than before, the slot has moved, and another server may be looked for all the time again
   * @return whether it may be sent again
   */
  boolean mayGoOn(Verdict verdict, long failoverWaitMillis, int newsNow, long nowNanos) {
    long patienceMillis =
        isOfSlot(verdict)
            ? Math.max(failoverWaitMillis, LEAST_PATIENCE_MILLIS)
            : failoverWaitMillis;
    boolean isNew = newsNow != news;
    news = newsNow;
    if (!wasAway || isNew || millis(nowNanos - awayLastNanos) > LEAST_PATIENCE_MILLIS) {
      wasAway = true; // it has waited in between: it is sent away for the first time
      awaySinceNanos = nowNanos;
      pauseMillis = isOfSlot(verdict) && verdict != Verdict.TRYAGAIN ? 0 : FIRST_PAUSE_MILLIS;
    } else {
      pauseMillis = Math.min(Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis), LONGEST_PAUSE_MILLIS);
    }
    awayLastNanos = nowNanos;
    return verdict == Verdict.TRYAGAIN || millis(nowNanos - awaySinceNanos) < patienceMillis;
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** Before it is sent again. */
  long pauseMillis() {
    return pauseMillis;
  }

  /** The request as it is to be sent now: it waits for as long as is left. */
  byte[] request(long nowNanos) {
    if (waitMillis <= 0) {
      return request;
    }
    RequestFrame frame = new RequestFrame();
    ByteBuf kept = Unpooled.wrappedBuffer(request);
    if (!new RequestDecoder(RespLimits.DEFAULT).decode(kept, 0, request.length, frame)) {
      return request;
    }
    BlocksFor waits = command.blocksFor(frame);
    byte[] left = waits.waitingFor(frame, Math.max(1, waitMillis - millis(nowNanos - beganNanos)));
    return left == null ? request : left;
  }
}
