package io.cashew.proxy.metrics;

import io.cashew.proxy.event.Events;
import java.util.List;

/** A kind of event as a value of the label {@code kind}. */
record EventKind(String label) implements Kind {
  static final List<EventKind> ALL = Events.kinds().stream().map(EventKind::new).toList();

  @Override
  public String help() {
    return "see What has happened in operations.md";
  }
}
