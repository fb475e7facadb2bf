package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Trace;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where clients that have left were looked for on behalf of one client: once for all that was
 * received of it together. Confined to the worker.
 */
public final class DepartureHold {
  /** Null: nothing was ever looked for. */
  private @Nullable Set<Trace.At> seen;

  /** Of those, what was looked for in vain, and why. */
  private Map<Trace.At, NodeFailure> failures = Map.of();

  /** Bytes have come: who has left before them is yet to be looked for. */
  public void bytesCame() {
    if (seen != null) {
      seen.clear();
      failures = Map.of();
    }
  }

  /** Whether somebody has looked there since bytes came last. */
  public boolean isSeen(Trace.At place) {
    return seen != null && seen.contains(place);
  }

  /** Somebody has looked there, in vain if there is a failure. */
  public void see(Trace.At place, @Nullable NodeFailure failure) {
    Set<Trace.At> known = seen;
    if (known == null) {
      seen = known = new HashSet<>();
    }
    known.add(place);
    if (failure != null) {
      failures = new HashMap<>(failures);
      failures.put(place, failure);
    }
  }

  /** Whether somebody has looked in vain anywhere. */
  public boolean anyInVain() {
    return !failures.isEmpty();
  }

  /** Why somebody has looked in vain; null: nobody has. */
  public @Nullable NodeFailure anyFailure() {
    return failures.isEmpty() ? null : failures.values().iterator().next();
  }

  /** Why somebody has looked in vain at one of the places; null: nobody has. */
  public @Nullable NodeFailure failure(List<Trace.At> places) {
    for (Trace.At place : places) {
      NodeFailure failure = failures.get(place);
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }
}
