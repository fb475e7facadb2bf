package io.cashew.proxy.admin;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.metrics.ActionCounts;
import io.cashew.proxy.metrics.ActionKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Has each row that changes something counted and told of as an event, with who asked for it and
 * what has become of it. A request that was answered with {@link #SAY_YES} has asked for nothing
 * yet.
 */
public final class Actions {
  private static final Logger LOG = LoggerFactory.getLogger(Actions.class);

  /** What it would do is said, and is done if that is asked for again with {@code yes=true}. */
  static final int SAY_YES = 428; // Precondition Required, RFC 6585

  private static final int FIRST_OF_ERRORS = 400;

  private final ActionCounts counts;

  /** Counts there. */
  public Actions(ActionCounts counts) {
    this.counts = counts;
  }

  /** Rows that do the same, and are told of. */
  public List<Route> noted(ActionKind kind, List<Route> routes) {
    return routes.stream().map(route -> noted(request -> kind, route)).toList();
  }

  /** A row of which the request says what it does; one that changes nothing is left as it is. */
  Route noted(Function<AdminRequest, ActionKind> kind, Route route) {
    if (route.method().equals("GET")) {
      return route;
    }
    return new Route(
        route.method(),
        route.path(),
        route.help(),
        request ->
            route
                .handler()
                .answer(request)
                .whenComplete((reply, failure) -> note(kind, request, reply, failure)));
  }

  private void note(
      Function<AdminRequest, ActionKind> kinds,
      AdminRequest request,
      @Nullable AdminReply reply,
      @Nullable Throwable failure) {
    if (reply != null && reply.status() == SAY_YES) {
      return;
    }
    ActionKind kind = kinds.apply(request);
    boolean done = reply != null && reply.status() < FIRST_OF_ERRORS;
    counts.count(kind, done);
    if (done && isRoutine(kind, request)) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atLevel(done ? Level.INFO : Level.WARN)
            .addMarker(Events.ACTION)
            .addKeyValue(Events.POOL, request.parameter("pool"))
            .addKeyValue(Events.NODE, request.parameter("node"));
    line.log(
        "{} asked for {}: {}",
        request.from(),
        kind.label().replace('_', ' '),
        reply == null ? String.valueOf(failure) : reply.firstLine());
  }

  /** A change feed ends what is kept of single keys all the time. */
  private static boolean isRoutine(ActionKind kind, AdminRequest request) {
    return kind == ActionKind.INVALIDATE
        && !new String(request.body(), StandardCharsets.UTF_8).contains("\"pattern\"");
  }
}
