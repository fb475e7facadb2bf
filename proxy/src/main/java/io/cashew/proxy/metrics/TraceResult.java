package io.cashew.proxy.metrics;

/** What became of the span of a request. */
public enum TraceResult implements Kind {
  SENT("sent", "the collector has taken it"),
  FAILED("failed", "the collector could not be reached, was too slow, or refused it"),
  DROPPED("dropped", "too many were waiting");

  private final String label;
  private final String help;

  TraceResult(String label, String help) {
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
