package io.cashew.proxy.metrics;

import io.cashew.proxy.event.EventLog;

/**
 * What has happened and what was asked for, and who was told.
 *
 * @param actions what was asked for at the admin address
 * @param events what has happened
 * @param webhook what became of events for the webhook
 */
public record AdminCounts(ActionCounts actions, EventLog events, WebhookCounts webhook) {
  /** Nothing has happened yet. */
  public AdminCounts() {
    this(new ActionCounts(), new EventLog(), new WebhookCounts());
  }
}
