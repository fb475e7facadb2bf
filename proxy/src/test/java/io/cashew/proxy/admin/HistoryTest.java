package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.metrics.Latencies;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is kept of the last ten minutes, on a clock that the test moves. */
final class HistoryTest {
  private final History history = new History();
  private long seconds;

  private static History.Counts counts(long requests, long... latency) {
    long[] buckets = new long[Latencies.bucketMicros().length + 1];
    System.arraycopy(latency, 0, buckets, 0, latency.length);
    return new History.Counts(requests, requests / 10, 0, 10 * requests, 0, buckets, 3, 1);
  }

  private void look(Map<String, History.Counts> now) {
    seconds += 5;
    history.add(now, 1000 * seconds, TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void twoLooksMakeAStepWithRatesAndQuantilesOfWhatCameBetweenThem() {
    look(Map.of("p", counts(1000, 1000)));
    assertEquals(List.of(), history.of("p"));
    look(Map.of("p", counts(1500, 1000, 500)));
    History.Sample step = history.of("p").get(0);
    assertEquals(10_000, step.atMillis());
    assertEquals(100, step.requests());
    assertEquals(10, step.errors());
    assertEquals(1000, step.bytesIn());
    assertEquals(150, step.p50(), "half of the bucket from 100 to 200 µs");
    assertEquals(3, step.clients());
  }

  @Test
  void whereNoRequestCameThereIsNoLatency() {
    look(Map.of("p", counts(10, 10)));
    look(Map.of("p", counts(10, 10)));
    assertEquals(History.NONE, history.of("p").get(0).p99());
    assertEquals(0, history.of("p").get(0).requests());
  }

  @Test
  void noMoreThanTenMinutesAreKept() {
    for (int i = 0; i < History.KEPT + 20; i++) {
      look(Map.of("p", counts(i)));
    }
    List<History.Sample> steps = history.of("p");
    assertEquals(History.KEPT, steps.size());
    assertEquals(1000 * seconds, steps.get(History.KEPT - 1).atMillis());
    assertEquals(600_000, History.KEPT * History.STEP_MILLIS);
  }

  @Test
  void aPoolThatIsGoneIsForgottenAndOneOfItsNameBeginsAnew() {
    look(Map.of("p", counts(100), "q", counts(100)));
    look(Map.of("p", counts(200), "q", counts(200)));
    assertEquals(List.of("p", "q"), history.pools());
    look(Map.of("p", counts(300)));
    assertEquals(List.of("p"), history.pools());
    look(Map.of("p", counts(5)));
    assertEquals(2, history.of("p").size(), "a count that has fallen is no rate");
    look(Map.of("p", counts(10)));
    assertEquals(1, history.of("p").get(2).requests());
  }

  @Test
  void aNodeLessIsNoNegativeRate() {
    long[] none = new long[Latencies.bucketMicros().length + 1];
    look(Map.of("p", new History.Counts(1, 0, 100, 0, 0, none, 0, 0)));
    look(Map.of("p", new History.Counts(1, 0, 50, 0, 0, none, 0, 0)));
    assertEquals(0, history.of("p").get(0).nodeErrors());
  }
}
