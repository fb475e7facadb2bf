package io.cashew.proxy.metrics;

import java.util.Map;
import java.util.TreeMap;

/** The series of a scrape, as its lines name them: {@code name{label="value"}} to value. */
final class Series {

  private Series() {}

  static Map<String, Double> of(MetricsRegistry registry) {
    Map<String, Double> series = new TreeMap<>();
    for (String line : registry.scrape(Exposition.TEXT).split("\n", -1)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int space = line.lastIndexOf(' ');
      Double twice =
          series.put(
              line.substring(0, space),
              Double.valueOf(line.substring(space + 1).replace("+Inf", "Infinity")));
      if (twice != null) {
        throw new AssertionError("series written twice: " + line);
      }
    }
    return series;
  }

  /** Those of Cashew's own. */
  static Map<String, Double> ofCashew(MetricsRegistry registry) {
    Map<String, Double> series = of(registry);
    series.keySet().removeIf(name -> !name.startsWith("cashew_"));
    return series;
  }
}
