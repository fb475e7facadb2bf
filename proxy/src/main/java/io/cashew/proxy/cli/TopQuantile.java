package io.cashew.proxy.cli;

import java.util.List;
import java.util.Locale;

/**
 * A quantile of latencies, as far as buckets know it.
 *
 * @param micros the upper bound of its bucket; negative: nothing was measured
 * @param above it is in the last bucket, which has no bound: more than {@code micros}
 */
record TopQuantile(double micros, boolean above) implements Comparable<TopQuantile> {
  static final TopQuantile NONE = new TopQuantile(-1, false);

  /**
   * The quantile of what was counted.
   *
   * @param quantile 0 to 1
   * @param counts a bucket each, one more than bounds
   * @param boundMicros upper bounds of the buckets
   */
  static TopQuantile of(double quantile, double[] counts, List<Double> boundMicros) {
    double all = 0;
    for (double count : counts) {
      all += count;
    }
    if (all <= 0) {
      return NONE;
    }
    double rank = quantile * all;
    for (int i = 0; i < boundMicros.size(); i++) {
      rank -= counts[i];
      if (rank <= 0) {
        return new TopQuantile(boundMicros.get(i), false);
      }
    }
    return new TopQuantile(boundMicros.get(boundMicros.size() - 1), true);
  }

  /** As it is shown: {@code 0.2ms}, {@code >500ms}, {@code -}. */
  String text() {
    if (micros < 0) {
      return "-";
    }
    String format = micros < 10_000 ? "%s%.1fms" : "%s%.0fms";
    return String.format(Locale.ROOT, format, above ? ">" : "", micros / 1000);
  }

  @Override
  public int compareTo(TopQuantile other) {
    int byMicros = Double.compare(micros, other.micros);
    return byMicros != 0 ? byMicros : Boolean.compare(above, other.above);
  }
}
