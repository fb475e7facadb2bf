package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.Topologies;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stays when there is no room for all, and what has expired. */
final class StoreTest {
  private static final CacheRule RULE = Rules.stale("*", 600_000, 600_000);
  private static final int HOT = 100;
  private static final int ROOM = 1000;

  private final Upkeep upkeep = new Upkeep("p");
  private final Uses uses = new Uses(1);
  private final Source source = new Source();
  private final Ownership ownership = Ownership.of(Topologies.modula("alpha"));
  private final KeyBytes key = new KeyBytes();
  private final Store store = new Store((long) ROOM * kept("hot99", 1).weight(), 1, upkeep);

  @AfterEach
  void stop() {
    upkeep.close();
  }

  private KeyBytes key(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    key.set(bytes, 0, bytes.length);
    return key;
  }

  private Kept kept(String name, long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    byte[] reply = {'$', '0', '\r', '\n', '\r', '\n'};
    KeyBytes of = key(name).copy();
    return new Kept(of, RULE, reply, Origin.of(source, ownership, of), end, end, 1);
  }

  private void put(String name, long millis) {
    Await.until(
        "it is kept",
        () -> {
          store.put(kept(name, millis));
          return store.look(key(name)) != null;
        });
  }

  private boolean has(String name) {
    return store.get(key(name), uses, System.nanoTime()) != null;
  }

  /** Though of its uses but a sample is counted. */
  @Test
  void whatIsAskedForMostStays() {
    for (int i = 0; i < HOT; i++) {
      put("hot" + i, 600_000);
    }
    int found = 0;
    for (int i = 0; i < 5 * ROOM; i++) {
      put("once" + i, 600_000);
      for (int j = 0; j < 40; j++) {
        has("hot" + (40 * i + j) % HOT);
      }
    }
    for (int i = 0; i < HOT; i++) {
      found += has("hot" + i) ? 1 : 0;
    }
    assertTrue(found >= HOT * 3 / 4, found + " of " + HOT + " are there");
    assertTrue(store.entries(RULE) <= 2 * ROOM, store.entries(RULE) + " entries");
    assertTrue(store.takeEvictions(RULE) > 0);
  }

  @Test
  void mostUsesAreNotedWhenThereMaySoonBeNoRoom() {
    for (int i = 10; i < 10 + ROOM / 3; i++) {
      put("key" + i, 600_000);
      put("key" + i, 600_000); // instead of itself
    }
    assertEquals(Uses.GAP_WITH_ROOM, store.gap());
    for (int i = 10; i < 10 + ROOM; i++) {
      put("key" + i, 600_000);
    }
    assertEquals(Uses.GAP, store.gap());
  }

  @Test
  void whatIsOfNoUseAnyMoreIsForgotten() {
    put("a", 600_000);
    long late = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    assertNotNull(store.look(key("a")));
    assertNull(store.get(key("a"), uses, late));
    assertNull(store.look(key("a")));
    put("b", 7_200_000);
    assertEquals(0, store.takeEvictions(RULE), "nothing had to make room");
  }
}
