package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DrainTurnsTest {

  @Test
  void turnsAreSpreadEvenly() {
    for (int clients : new int[] {1, 3, 20, 10_000, 100_000}) {
      int before = 0;
      for (long elapsed = 0; elapsed <= 2000; elapsed += 20) {
        int due = DrainTurns.due(clients, elapsed, 2000);
        int most = clients * 20 / 2000 + 1;
        assertTrue(due - before <= most, clients + " clients, after " + elapsed + " ms: " + due);
        before = due;
      }
      assertEquals(clients, before);
    }
  }

  @Test
  void nobodyGoesFirstAtOnce() {
    assertEquals(0, DrainTurns.due(20, 0, 2000));
    assertEquals(0, DrainTurns.due(1, 999, 2000));
    assertEquals(1, DrainTurns.due(1, 1000, 2000));
  }

  @Test
  void withoutTimeToSpreadThemAllTurnsHaveCome() {
    assertEquals(20, DrainTurns.due(20, 0, 0));
  }

  @Test
  void aClientThatHasBeenQuietIsNotWaitedForAtTheEnd() {
    assertEquals(1000, DrainTurns.lingerMillis(0));
    assertEquals(300, DrainTurns.lingerMillis(700));
    assertEquals(0, DrainTurns.lingerMillis(1000));
    assertEquals(0, DrainTurns.lingerMillis(3_600_000));
  }
}
