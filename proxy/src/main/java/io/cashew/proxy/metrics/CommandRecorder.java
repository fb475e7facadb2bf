package io.cashew.proxy.metrics;

/**
 * What one worker counts for one command of one pool. Owned by that worker, written and read as a
 * {@link NodeRecorder} is.
 */
public final class CommandRecorder {
  private final String name;
  private final String family;

  /** Requests that were carried out, well or not. */
  public long calls;

  /** Those of them that were answered with an error. */
  public long failed;

  /** Requests that were refused here, and are no calls. */
  public long rejected;

  /** Time from a request's arrival to the end of its reply; of those that wait by intent, none. */
  public final LatencyRecorder latency = new LatencyRecorder();

  CommandRecorder(String name, String family) {
    this.name = name;
    this.family = family;
  }

  /** Name of the command, {@code client|list}. */
  public String name() {
    return name;
  }

  /** Its family: Redis's group of commands. */
  public String family() {
    return family;
  }
}
