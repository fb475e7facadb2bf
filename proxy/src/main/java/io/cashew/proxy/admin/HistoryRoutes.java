package io.cashew.proxy.admin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last ten minutes of the pools. Used by the admin threads. */
public final class HistoryRoutes {
  private static final long MILLIS = 1000;

  private final History history;

  private HistoryRoutes(History history) {
    this.history = history;
  }

  /** The rows. */
  public static List<Route> of(History history) {
    return List.of(
        Route.get(
            "/api/history",
            "the last ten minutes of each pool in steps of 5 s (?pool=…) as JSON",
            new HistoryRoutes(history)::history));
  }

  private AdminReply history(AdminRequest request) {
    List<String> names = request.parameters("pool");
    List<Object> pools =
        history.pools().stream()
            .filter(pool -> names.isEmpty() || names.contains(pool))
            .<Object>map(
                pool ->
                    Json.object(
                        "name",
                        pool,
                        "samples",
                        history.of(pool).stream().map(HistoryRoutes::json).toList()))
            .toList();
    String body =
        Json.text(
                Json.object(
                    "timeMillis",
                    System.currentTimeMillis(),
                    "stepSeconds",
                    History.STEP_MILLIS / MILLIS,
                    "pools",
                    pools))
            + "\n";
    return AdminReply.of(200, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static Object json(History.Sample sample) {
    return Json.object(
        "atMillis", sample.atMillis(),
        "requests", sample.requests(),
        "errors", sample.errors(),
        "nodeErrors", sample.nodeErrors(),
        "bytesIn", sample.bytesIn(),
        "bytesOut", sample.bytesOut(),
        "p50", micros(sample.p50()),
        "p99", micros(sample.p99()),
        "p999", micros(sample.p999()),
        "clients", sample.clients(),
        "inFlight", sample.inFlight());
  }

  private static @Nullable Object micros(double value) {
    return value == History.NONE ? null : Math.round(value);
  }
}
