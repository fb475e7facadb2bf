package io.cashew.proxy.tracing;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests of one pool on one worker become spans. Confined to the worker.
 *
 * <p>Whether a request is one of the sample does not depend on the one before it, as if a die were
 * cast for each: so no pattern of requests is met or missed. The die is cast only once a span, for
 * how many requests there are until the next (a geometric distribution).
 */
public final class TraceSampler {
  private final SplittableRandom random;
  private @Nullable TraceExport known;
  private long untilNext;

  /** What it decides depends on nothing but the seed. */
  public TraceSampler(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Whether a request is one of the sample; called once for each. */
  public boolean takes(TraceExport export) {
    if (export != known) {
      known = export;
      untilNext = gap(export.target().sample());
    }
    if (untilNext > 0) {
      untilNext--;
      return false;
    }
    untilNext = gap(export.target().sample());
    return true;
  }

  /** How many requests are left out before the next is taken. */
  private long gap(double share) {
    if (share >= 1) {
      return 0;
    }
    return share <= 0
        ? Long.MAX_VALUE
        : (long) (Math.log1p(-random.nextDouble()) / Math.log1p(-share));
  }
}
