package io.cashew.proxy.event;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The newest events, for those who ask what has happened. From any thread. */
public final class EventLog {
  /** What a bad night brings, and about a megabyte. */
  public static final int KEPT = 4_000;

  private static final int TEXT_MAX = 1_000;

  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private final Map<String, Long> counts = new HashMap<>();
  private long lastId;
  private Consumer<Event> listener = event -> {};

  /** Has one more be told of each event from now on; it must neither wait nor log. */
  public synchronized void tell(Consumer<Event> also) {
    listener = listener.andThen(also);
  }

  /** Keeps one more; the oldest goes when there are too many. A long text is cut. */
  public synchronized void add(
      long atMillis,
      String level,
      String kind,
      String pool,
      String node,
      long millis,
      String text) {
    String kept = text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
    Event event = new Event(++lastId, atMillis, level, kind, pool, node, millis, kept);
    events.add(event);
    listener.accept(event);
    counts.merge(kind, 1L, Long::sum);
    if (events.size() > KEPT) {
      events.poll();
    }
  }

  /**
   * The newest of those that fit, the newest first.
   *
   * @param after only those with a greater id
   * @param max at most so many
   */
  public synchronized List<Event> newest(long after, int max, Predicate<Event> fits) {
    List<Event> found = new ArrayList<>();
    for (var each = events.descendingIterator(); each.hasNext() && found.size() < max; ) {
      Event event = each.next();
      if (event.id() <= after) {
        break;
      }
      if (fits.test(event)) {
        found.add(event);
      }
    }
    return found;
  }

  /** The id of the newest; 0: nothing has happened yet. */
  public synchronized long lastId() {
    return lastId;
  }

  /** How many of a kind there were since the start. */
  public synchronized long count(String kind) {
    return counts.getOrDefault(kind, 0L);
  }
}
