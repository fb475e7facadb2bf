package io.cashew.proxy.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What became of the spans of requests. From any thread, without a lock: workers count, too. */
public final class TraceCounts {
  private final Map<TraceResult, LongAdder> counts = new EnumMap<>(TraceResult.class);

  /** Nothing yet. */
  public TraceCounts() {
    for (TraceResult result : TraceResult.values()) {
      counts.put(result, new LongAdder());
    }
  }

  /** Counts so many. */
  public void add(TraceResult result, long spans) {
    of(result).add(spans);
  }

  /** How often it came to that. */
  public long count(TraceResult result) {
    return of(result).sum();
  }

  private LongAdder of(TraceResult result) {
    LongAdder adder = counts.get(result);
    assert adder != null : "there is one for each result";
    return adder;
  }
}
