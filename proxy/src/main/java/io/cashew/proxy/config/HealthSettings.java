package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import java.time.Duration;

/**
 * When a node counts as down, and what follows.
 *
 * @param failureLimit time-outs in a row that open a node's circuit
 * @param successLimit answers in a row to probes that close it; at least 1
 * @param retryAfterMillis longest pause between probes of an open circuit is half of this
 * @param failoverWaitMillis how long a request waits for a node that has no primary and may get one
 * @param resolveEveryMillis how often names of nodes are looked up though nothing has failed
 * @param eject whether keys of a failed node go elsewhere
 */
public record HealthSettings(
    int failureLimit,
    int successLimit,
    long retryAfterMillis,
    long failoverWaitMillis,
    long resolveEveryMillis,
    EjectSettings eject) {

  /** The rows of its settings. */
  public static final Table<HealthSettings> TABLE = Table.of(HealthSettings::new);

  public static final Setting<HealthSettings, Integer> FAILURE_LIMIT =
      TABLE.row(
          "failure-limit",
          Kinds.integer(1, Integer.MAX_VALUE),
          "3",
          AT_ONCE,
          HealthSettings::failureLimit,
          "Time-outs in a row that open a node's circuit; a refused connection opens it at once."
              + " One or two slow replies are no outage.");

  public static final Setting<HealthSettings, Integer> SUCCESS_LIMIT =
      TABLE.row(
          "success-limit",
          Kinds.integer(1, 1000),
          "1",
          AT_ONCE,
          HealthSettings::successLimit,
          "Probes in a row that a node must answer before it is used again. More keep one out that"
              + " comes and goes (HAProxy's `rise`); the pauses between them go on growing, up to"
              + " half of `retry-after`.");

  public static final Setting<HealthSettings, Long> RETRY_AFTER =
      TABLE.row(
          "retry-after",
          Kinds.duration(Kinds.MILLISECOND, Kinds.LONGEST),
          "1s",
          AT_ONCE,
          HealthSettings::retryAfterMillis,
          "How soon a node is back in use after it has recovered: an open circuit is probed with"
              + " PING at half of this at the latest.");

  public static final Setting<HealthSettings, Long> FAILOVER_WAIT =
      TABLE.row(
          "failover-wait",
          Kinds.duration(Duration.ZERO, Duration.ofHours(1)),
          "1s",
          AT_ONCE,
          HealthSettings::failoverWaitMillis,
          "How long a request waits for a node that has no server which takes it, while another may"
              + " take its place; then the error says that the node has no primary. Only for nodes"
              + " with `addresses` or `master` and in a Cluster, where it is the slot of a key that may"
              + " have no server. What may write waits as long while a Sentinel replaces a primary,"
              + " then it goes to that one all the same. Of a node whose one address is a name, what may write waits while the"
              + " server there says that it is a replica; otherwise a node that has a single address"
              + " fails at once.");

  public static final Setting<HealthSettings, Long> RESOLVE_EVERY =
      TABLE.row(
          "resolve-every",
          Kinds.duration(Duration.ofMillis(100), Kinds.LONGEST),
          "30s",
          AT_ONCE,
          HealthSettings::resolveEveryMillis,
          "How often the names of nodes are looked up, so that one that moves is followed although"
              + " its former server keeps its connections. They are also looked up when a"
              + " connection has ended or could not be made, and when a server answers `READONLY`."
              + " Of several addresses one is used at a time, the next one when it does not serve.");

  /** What ships. */
  public static final HealthSettings DEFAULT = TABLE.standard();

  static {
    TABLE.part(EjectSettings.TABLE, HealthSettings::eject);
  }

  private HealthSettings(Values<HealthSettings> from) {
    this(
        from.get(FAILURE_LIMIT),
        from.get(SUCCESS_LIMIT),
        from.get(RETRY_AFTER),
        from.get(FAILOVER_WAIT),
        from.get(RESOLVE_EVERY),
        from.part(EjectSettings.TABLE, HealthSettings::eject));
  }

  /** The same but for one setting. */
  public <T> HealthSettings with(Setting<?, T> setting, T value) {
    return new HealthSettings(Values.but(this, setting, value));
  }
}
