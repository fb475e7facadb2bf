package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which format a scraper gets. */
class ExpositionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TEXT | ''",
        "TEXT | */*",
        "TEXT | text/plain",
        "TEXT | text/html,application/xhtml+xml,*/*;q=0.8",
        "TEXT | application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.5",
        "TEXT | application/openmetrics-text;q=0",
        "TEXT | application/openmetrics-text;q=much",
        "TEXT | application/openmetrics-text-of-another-sort",
        "OPEN_METRICS | application/openmetrics-text",
        "OPEN_METRICS | Application/OpenMetrics-Text; version=1.0.0; charset=utf-8",
        "OPEN_METRICS | application/openmetrics-text;q=0.5 , text/plain;q=0.5",
        // Prometheus 2 and 3.
        "OPEN_METRICS | application/openmetrics-text;version=1.0.0;q=0.5,"
            + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,"
            + "*/*;q=0.1",
        "OPEN_METRICS | application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
            + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1",
      })
  void isTheOneThatTheHeaderPrefers(Exposition expected, String accept) {
    assertEquals(expected, Exposition.accepted(accept));
  }
}
