package io.cashew.proxy.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Error replies by their first word, {@code ERR} or {@code WRONGTYPE}. Of one worker and pool;
 * written there, read from anywhere. Scripts can make up words, so there is an end to their number.
 */
public final class ErrorCounts {
  private static final int WORDS_MAX = 128;
  private static final String OTHERS = "OTHER";

  private final ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** Counts an error. */
  public void add(String word) {
    LongAdder count = counts.get(word);
    if (count == null) {
      String counted = counts.size() < WORDS_MAX ? word : OTHERS;
      count = counts.computeIfAbsent(counted, any -> new LongAdder());
    }
    count.increment();
  }

  /** Adds these counts to {@code sums}. */
  public void addTo(Map<String, Long> sums) {
    counts.forEach((word, count) -> sums.merge(word, count.sum(), Long::sum));
  }

  /** The counts of several workers, in the order of words. */
  public static Map<String, Long> sum(Iterable<ErrorCounts> workers) {
    Map<String, Long> sums = new TreeMap<>();
    workers.forEach(worker -> worker.addTo(sums));
    return sums;
  }
}
