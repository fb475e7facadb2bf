package io.cashew.proxy.metrics;

/**
 * Which server has got a request that any copy of its keys may answer: the {@code kind} of reads.
 */
public enum ReadKind implements Kind {
  PRIMARY("primary", "sent to the primary"),
  REPLICA("replica", "sent to a replica"),
  ELSEWHERE("elsewhere", "asked elsewhere, since a replica had not answered");

  private final String label;
  private final String help;

  ReadKind(String label, String help) {
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
