package io.cashew.proxy.admin;

import io.cashew.proxy.event.Event;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event as {@code /api/events} and the webhook have it. */
final class EventJson {
  private EventJson() {}

  static Map<String, @Nullable Object> of(Event event) {
    return Json.object(
        "id",
        event.id(),
        "at",
        Instant.ofEpochMilli(event.atMillis()).toString(),
        "level",
        event.level(),
        "kind",
        event.kind(),
        "pool",
        event.pool().isEmpty() ? null : event.pool(),
        "node",
        event.node().isEmpty() ? null : event.node(),
        "millis",
        event.millis() < 0 ? null : event.millis(),
        "text",
        event.text());
  }
}
