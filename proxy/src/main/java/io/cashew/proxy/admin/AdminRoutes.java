package io.cashew.proxy.admin;

import io.cashew.proxy.metrics.Exposition;
import io.cashew.proxy.metrics.MetricsRegistry;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** The rows that every proxy serves. */
public final class AdminRoutes {

  private AdminRoutes() {}

  /** Metrics, health and readiness. */
  public static List<Route> standard(MetricsRegistry metrics, Readiness readiness) {
    return List.of(
        Route.get(
            "/metrics",
            "metrics as Prometheus text, or OpenMetrics if Accept asks for it; compressed if"
                + " Accept-Encoding does",
            request -> scrape(metrics, request)),
        Route.get("/healthz", "200 while the process lives", request -> AdminReply.text(200, "ok")),
        Route.get(
            "/readyz",
            "200 when the proxy should be sent clients, else 503 and why not",
            request -> AdminReply.text(readiness.ready() ? 200 : 503, readiness.reason())));
  }

  private static AdminReply scrape(MetricsRegistry metrics, AdminRequest request) throws Exception {
    Exposition exposition = Exposition.accepted(request.header("accept"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metrics.scrape(out, exposition);
    return Gzip.ifAsked(request, AdminReply.of(200, exposition.contentType(), out.toByteArray()));
  }
}
