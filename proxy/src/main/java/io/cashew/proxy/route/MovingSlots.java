package io.cashew.proxy.route;

import io.cashew.proxy.topology.Placement;
import org.jspecify.annotations.Nullable;

/** Of which slots servers have said lately that they move. Confined to the worker. */
public final class MovingSlots {
  /** One of which nothing is said for so long has come to rest. */
  private static final long RECENT_MILLIS = 10_000;

  private static final int SLOTS = 16_384;

  /** When it was said last, in ticks; 0: never. Null: of none. */
  private long @Nullable [] saidMillis;

  /** The same of any of them. */
  private long lastMillis;

  /** A server has said so, or a slot has another server than before. */
  public void moves(int slot, long tickMillis) {
    lastMillis = tickMillis;
    long[] said = saidMillis;
    if (said == null) {
      saidMillis = said = new long[SLOTS];
    }
    said[slot] = tickMillis;
  }

  /** Whether any is known to move. */
  boolean anyMoves(long tickMillis) {
    return saidMillis != null && tickMillis - lastMillis < RECENT_MILLIS;
  }

  /** Whether a slot is known to move; {@link Placement#NO_GROUP} does not. */
  public boolean isMoving(int slot, long tickMillis) {
    long[] said = saidMillis;
    return said != null
        && slot != Placement.NO_GROUP
        && said[slot] != 0
        && tickMillis - said[slot] < RECENT_MILLIS;
  }
}
