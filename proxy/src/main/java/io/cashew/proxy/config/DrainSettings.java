package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import java.time.Duration;

/**
 * How a stop goes.
 *
 * @param delayMillis how long it goes on serving while it says that it is not ready
 * @param timeoutMillis how long clients have to leave after that
 */
public record DrainSettings(long delayMillis, long timeoutMillis) {

  /** The rows of its settings. */
  public static final Table<DrainSettings> TABLE = Table.of(DrainSettings::new);

  public static final Setting<DrainSettings, Long> DELAY =
      TABLE.row(
          "drain-delay",
          Kinds.duration(Duration.ZERO, Kinds.LONGEST),
          "1500ms",
          AT_ONCE,
          DrainSettings::delayMillis,
          "How long a stop by SIGTERM or `POST /drain` goes on serving, new clients too, while"
              + " `/readyz` says 503: until every load balancer has asked that. Longer than its"
              + " interval times the failures that it waits for. A proxy that nobody uses ends at"
              + " once, and so does SIGINT (Ctrl-C) without this delay.");

  public static final Setting<DrainSettings, Long> TIMEOUT =
      TABLE.row(
          "drain-timeout",
          Kinds.duration(Duration.ZERO, Kinds.LONGEST),
          "3s",
          AT_ONCE,
          DrainSettings::timeoutMillis,
          "How long a stop may take after `drain-delay`. Idle clients leave spread over two thirds"
              + " of it; what is left is for requests in flight. Both together stay below the 10 s"
              + " after which most supervisors kill.");

  /** What ships. */
  public static final DrainSettings DEFAULT = TABLE.standard();

  private DrainSettings(Values<DrainSettings> from) {
    this(from.get(DELAY), from.get(TIMEOUT));
  }
}
