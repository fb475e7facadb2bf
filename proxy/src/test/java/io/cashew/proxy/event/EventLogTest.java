package io.cashew.proxy.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  private final EventLog log = new EventLog();

  private void add(String kind, String node) {
    log.add(1, "INFO", kind, "p", node, -1, "text");
  }

  private List<Long> ids(long after, int max, String kind) {
    return log.newest(after, max, event -> event.kind().equals(kind)).stream()
        .map(Event::id)
        .toList();
  }

  @Test
  void theNewestComeFirstAndOnlyThoseThatAreAskedFor() {
    add("a", "x");
    add("b", "x");
    add("a", "y");
    assertEquals(List.of(3L, 1L), ids(0, 10, "a"));
    assertEquals(List.of(3L), ids(1, 10, "a"));
    assertEquals(List.of(3L), ids(0, 1, "a"));
    assertEquals(3, log.lastId());
    assertEquals(2, log.count("a"));
  }

  @Test
  void theOldestGo() {
    for (int i = 0; i < EventLog.KEPT + 5; i++) {
      add("a", "x");
    }
    List<Event> all = log.newest(0, Integer.MAX_VALUE, event -> true);
    assertEquals(EventLog.KEPT, all.size());
    assertEquals(6, all.get(EventLog.KEPT - 1).id());
    assertEquals(EventLog.KEPT + 5, log.count("a"));
  }

  @Test
  void whoeverIsToBeToldHearsOfEach() {
    List<Long> one = new ArrayList<>();
    List<Long> other = new ArrayList<>();
    log.tell(event -> one.add(event.id()));
    add("a", "x");
    log.tell(event -> other.add(event.id()));
    add("b", "x");
    assertEquals(List.of(1L, 2L), one);
    assertEquals(List.of(2L), other);
  }

  @Test
  void aLongTextIsCut() {
    log.add(1, "INFO", "a", "", "", -1, "x".repeat(100_000));
    assertTrue(log.newest(0, 1, event -> true).get(0).text().length() < 1_100);
  }
}
