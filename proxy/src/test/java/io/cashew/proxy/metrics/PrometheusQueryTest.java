package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** The reader of queries sees all names, and nothing that is none. */
class PrometheusQueryTest {

  @Test
  void namesOfMetricsLabelsAndKindsAreFoundAndFunctionsAndNumbersAreNot() {
    PrometheusQuery query =
        PrometheusQuery.of(
            """
            histogram_quantile(0.99, sum by (pool, le) (rate(a_bucket{kind=~"x|y",node!=""}[5m])))
              / on (instance) group_left () b_total * 1e9 > bool 8 * 1024
              and max without (job) (c) unless d offset 5m
            """);
    assertEquals(Set.of("a_bucket", "b_total", "c", "d"), query.metrics());
    assertEquals(Set.of("pool", "le", "kind", "node", "instance", "job"), query.labels());
    assertEquals(Set.of("x", "y"), query.kinds());
  }
}
