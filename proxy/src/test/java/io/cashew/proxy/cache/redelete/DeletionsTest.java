package io.cashew.proxy.cache.redelete;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.metrics.RuleRecorder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class DeletionsTest {
  private final RuleRecorder recorder = new RuleRecorder();
  private final Deletions deletions = new Deletions(3, 100);

  private Deletion of(String key, long due) {
    return new Deletion(key.getBytes(StandardCharsets.UTF_8), false, 0, recorder, due, 0);
  }

  private String poll(long now) {
    Deletion due = deletions.poll(now);
    return due == null ? "" : new String(due.key(), StandardCharsets.UTF_8);
  }

  @Test
  void eachComesWhenItsTimeHasCome() {
    deletions.add(of("late", 2000));
    deletions.add(of("soon", 500));
    assertEquals("", poll(499));
    assertEquals("soon", poll(500));
    assertEquals("", poll(1999));
    assertEquals(1, recorder.redeletesPending);
    assertEquals("late", poll(5000));
    assertEquals("", poll(5000));
    assertEquals(0, recorder.redeletesPending);
    assertEquals(0, recorder.redeletesLost);
  }

  @Test
  void moreThanMayWaitAreLostAndCounted() {
    for (int i = 0; i < 5; i++) {
      deletions.add(of("k" + i, 10));
    }
    assertEquals(3, deletions.size());
    assertEquals(2, recorder.redeletesLost);
    assertEquals("k", poll(10).substring(0, 1));
    deletions.add(of("k".repeat(99), 10));
    assertEquals(3, recorder.redeletesLost, "bytes are bounded, too");
    deletions.add(of("k".repeat(96), 10));
    assertEquals(3, recorder.redeletesLost);
  }

  @Test
  void whatNoServerTookGoesAgainEachTimeLaterAndThenIsLost() {
    long now = 0;
    Deletion one = of("k", 0);
    int attempts = 0;
    for (long pause = 100; one != null; pause *= 2) {
      deletions.hasFailed(one, now);
      assertNull(deletions.poll(now + pause - 1));
      now += pause;
      one = deletions.poll(now);
      attempts++;
    }
    assertEquals(9, attempts);
    assertEquals(1, recorder.redeletesLost);
    assertEquals(0, recorder.redeleted);
  }

  @Test
  void whatWaitsAtTheEndIsLost() {
    deletions.add(of("a", 1));
    deletions.add(of("b", 2));
    assertEquals(2, deletions.loseAll());
    assertEquals(2, recorder.redeletesLost);
    assertEquals(0, recorder.redeletesPending);
    assertEquals(0, deletions.size());
    deletions.add(of("c", 3));
    Deletion done = deletions.poll(3);
    assertNotNull(done);
    deletions.isDone(done);
    assertEquals(1, recorder.redeleted);
  }
}
