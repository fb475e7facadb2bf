package io.cashew.proxy.metrics;

/** What became of an event for the webhook. */
public enum WebhookResult implements Kind {
  SENT("sent", "it was taken: status 200 to 299"),
  FAILED("failed", "it was not taken, however often it was sent"),
  DROPPED("dropped", "too many were waiting");

  private final String label;
  private final String help;

  WebhookResult(String label, String help) {
    this.label = label;
    this.help = help;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public String help() {
    return help;
  }
}
