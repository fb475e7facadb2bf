package io.cashew.proxy.cache.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RateBucketTest {
  private static final long SECOND = 1_000_000_000L;

  private static int takenAt(RateBucket bucket, long nanos) {
    int taken = 0;
    while (bucket.take(1, nanos)) {
      taken++;
    }
    return taken;
  }

  @Test
  void asMuchAsComesInASecondIsThereAtOnceAndNoMore() {
    for (int rate : List.of(1, 3, 7, 1000, 999_983)) {
      for (long start : List.of(0L, 17L, -5 * SECOND, Long.MAX_VALUE - 5)) {
        RateBucket bucket = new RateBucket(rate, start);
        assertEquals(rate, takenAt(bucket, start), "at " + rate);
        assertEquals(rate, takenAt(bucket, start + SECOND), "a second later at " + rate);
        assertEquals(rate, takenAt(bucket, start + 100 * SECOND), "much later at " + rate);
      }
    }
  }

  @Test
  void tokensComeBackOneByOne() {
    RateBucket bucket = new RateBucket(10, 0);
    assertEquals(10, takenAt(bucket, 0));
    assertEquals(0, takenAt(bucket, SECOND / 10 - 1));
    assertEquals(1, takenAt(bucket, SECOND / 10));
    assertEquals(3, takenAt(bucket, 4 * SECOND / 10));
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    RateBucket bucket = new RateBucket(10, 0);
    assertTrue(bucket.take(8, 0));
    assertFalse(bucket.take(3, 0));
    bucket.giveBack(3);
    assertTrue(bucket.take(5, 0));
    assertFalse(bucket.take(1, 0));
  }

  @Test
  void aLargeRateIsKeptToo() {
    RateBucket bucket = new RateBucket(999_999_999, 0);
    assertTrue(bucket.take(999_999_999, 0));
    assertFalse(bucket.take(2, 0));
    assertTrue(bucket.take(499_999_999, SECOND / 2));
    assertFalse(bucket.take(3, SECOND / 2));
  }

  @Test
  void aBucketThatNobodyHasAskedForMonthsIsFull() {
    RateBucket bucket = new RateBucket(2, 0);
    assertEquals(2, takenAt(bucket, 0));
    assertEquals(2, takenAt(bucket, 110L * 24 * 3600 * SECOND));
  }

  @Test
  void severalThreadsTakeNoMoreThanThereIs() throws InterruptedException {
    RateBucket bucket = new RateBucket(100_000, 0);
    AtomicInteger taken = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread = new Thread(() -> taken.addAndGet(takenAt(bucket, 0)));
      threads.add(thread);
      thread.start();
    }
    Await.end(threads);
    assertEquals(100_000, taken.get());
  }
}
