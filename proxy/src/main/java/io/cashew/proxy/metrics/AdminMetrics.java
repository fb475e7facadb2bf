package io.cashew.proxy.metrics;

import static io.cashew.proxy.metrics.Metric.row;
import static io.cashew.proxy.metrics.MetricType.COUNTER;

import java.util.List;

/** The rows of what has happened and what was asked for. No labels but the kind. */
final class AdminMetrics {
  static final List<Metric<AdminCounts>> ROWS =
      List.of(
          row(
              "cashew_admin_actions_total",
              COUNTER,
              "What was asked for at the admin address and done",
              ActionKind.class,
              (counts, kind) -> counts.actions().done(kind)),
          row(
              "cashew_admin_actions_refused_total",
              COUNTER,
              "What was asked for at the admin address and could not be done",
              ActionKind.class,
              (counts, kind) -> counts.actions().refused(kind)),
          row(
              "cashew_events_total",
              COUNTER,
              "What has happened, as /api/events tells it",
              EventKind.ALL,
              (counts, kind) -> counts.events().count(kind.label())),
          row(
              "cashew_webhook_events_total",
              COUNTER,
              "Events that admin.webhook.url was to be told of",
              WebhookResult.class,
              (counts, result) -> counts.webhook().count(result)));

  private AdminMetrics() {}
}
