package io.cashew.proxy.process;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cashew.proxy.event.EventLog;
import io.cashew.proxy.event.Events;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/** Keeps the lines of the log that are events. */
final class EventAppender extends AppenderBase<ILoggingEvent> {
  private final EventLog events;

  private EventAppender(EventLog events) {
    this.events = events;
  }

  /** Keeps what is logged from now on. */
  static EventAppender attach(EventLog events) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    EventAppender appender = new EventAppender(events);
    appender.setContext(root.getLoggerContext());
    appender.setName("events");
    appender.start();
    root.addAppender(appender);
    return appender;
  }

  /** Keeps nothing more. */
  void detach() {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(this);
    stop();
  }

  @Override
  protected void append(ILoggingEvent line) {
    List<Marker> markers = line.getMarkerList();
    if (markers == null || !Events.isKind(markers.get(0))) {
      return;
    }
    String millis = value(line, Events.MILLIS);
    events.add(
        line.getTimeStamp(),
        line.getLevel().toString(),
        markers.get(0).getName(),
        value(line, Events.POOL),
        value(line, Events.NODE),
        millis.isEmpty() ? -1 : Long.parseLong(millis),
        line.getFormattedMessage());
  }

  private static String value(ILoggingEvent line, String key) {
    List<KeyValuePair> pairs = line.getKeyValuePairs();
    return pairs == null
        ? ""
        : pairs.stream()
            .filter(pair -> pair.key.equals(key))
            .map(pair -> String.valueOf(pair.value))
            .findFirst()
            .orElse("");
  }
}
