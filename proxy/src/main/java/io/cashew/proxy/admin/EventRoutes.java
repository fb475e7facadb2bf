package io.cashew.proxy.admin;

import io.cashew.proxy.event.Event;
import io.cashew.proxy.event.EventLog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/** What has happened, newest first. Used by the admin threads. */
public final class EventRoutes {
  private static final int DEFAULT = 100;

  private final EventLog events;

  private EventRoutes(EventLog events) {
    this.events = events;
  }

  /** The rows. */
  public static List<Route> of(EventLog events) {
    return List.of(
        Route.get(
            "/api/events",
            "what has happened, newest first (?after=ID&count=100&pool=…&node=…&kind=…) as JSON",
            new EventRoutes(events)::events));
  }

  private AdminReply events(AdminRequest request) {
    long after = number(request, "after", 0);
    long count = number(request, "count", DEFAULT);
    if (after < 0 || count < 0) {
      return AdminReply.text(400, "after and count are numbers from 0 on");
    }
    Predicate<Event> fits = event -> fits(request, "pool", event.pool());
    fits = fits.and(event -> fits(request, "node", event.node()));
    fits = fits.and(event -> fits(request, "kind", event.kind()));
    long last = events.lastId(); // before, so that what comes meanwhile is not missed
    List<Object> found =
        events.newest(after, (int) Math.min(count, EventLog.KEPT), fits).stream()
            .<Object>map(EventJson::of)
            .toList();
    String body = Json.text(Json.object("last", last, "events", found)) + "\n";
    return AdminReply.of(200, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean fits(AdminRequest request, String parameter, String value) {
    List<String> wanted = request.parameters(parameter);
    return wanted.isEmpty() || wanted.contains(value);
  }

  /** -1: it is none. */
  private static long number(AdminRequest request, String parameter, long otherwise) {
    List<String> given = request.parameters(parameter);
    if (given.isEmpty()) {
      return otherwise;
    }
    try {
      return Math.max(-1, Long.parseLong(given.get(0)));
    } catch (NumberFormatException wrong) {
      return -1;
    }
  }
}
