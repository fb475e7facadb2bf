package io.cashew.proxy.metrics;

import java.util.EnumMap;
import java.util.Map;

/** What became of the events for the webhook. From any thread. */
public final class WebhookCounts {
  private final Map<WebhookResult, Long> counts = new EnumMap<>(WebhookResult.class);

  /** Counts one. */
  public synchronized void add(WebhookResult result) {
    counts.merge(result, 1L, Long::sum);
  }

  /** How often it came to that. */
  public synchronized long count(WebhookResult result) {
    return counts.getOrDefault(result, 0L);
  }
}
