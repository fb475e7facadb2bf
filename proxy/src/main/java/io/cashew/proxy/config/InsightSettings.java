package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.RESTART;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is noted of a pool's requests beyond counts.
 *
 * @param slowerThanMillis requests that take longer are in the slow log; {@link #OFF}: none is
 * @param slowLogMax most entries of the slow log
 * @param logKeys whether keys are written to the log and the access log
 * @param hotKeySample one request of so many is looked at for hot keys; 0: none
 * @param labelHotKeys whether metrics of hot keys name the keys
 * @param bigBytes requests and replies that are larger are noted with their key
 * @param accessLog the file with a line for each request; empty: there is none
 * @param accessLogEnabled whether lines are written there from the start
 */
public record InsightSettings(
    long slowerThanMillis,
    int slowLogMax,
    boolean logKeys,
    int hotKeySample,
    boolean labelHotKeys,
    long bigBytes,
    Optional<Path> accessLog,
    boolean accessLogEnabled) {

  /** The rows of its settings. */
  public static final Table<InsightSettings> TABLE = Table.of(InsightSettings::new);

  /** No request is slow. */
  public static final long OFF = -1;

  public static final Setting<InsightSettings, Long> SLOWER_THAN =
      TABLE.row(
          "slowlog.slower-than",
          Kinds.durationOrOff(Duration.ZERO, Kinds.LONGEST),
          "10ms",
          RESTART,
          InsightSettings::slowerThanMillis,
          "A request that takes longer here, from its arrival to the end of its reply, is in"
              + " `SLOWLOG GET` and, at most ten times a second, in the log, with the time that it"
              + " waited, that its node took, and that its reply waited. `0s` is every request.");

  public static final Setting<InsightSettings, Integer> SLOW_LOG_MAX =
      TABLE.row(
          "slowlog.max-len",
          Kinds.integer(0, 1 << 20),
          "128",
          RESTART,
          InsightSettings::slowLogMax,
          "Entries of the slow log; the oldest goes. The default is Redis's.");

  public static final Setting<InsightSettings, Integer> HOT_KEY_SAMPLE =
      TABLE.row(
          "hot-keys.sample",
          Kinds.integer(0, 1 << 16),
          "16",
          RESTART,
          InsightSettings::hotKeySample,
          "One request of so many, on average, is looked at to find the keys that are asked for most"
              + " (`HOTKEYS`, `/api/hotkeys`). 1 is each; 0 is none.");

  public static final Setting<InsightSettings, Boolean> LABEL_HOT_KEYS =
      TABLE.row(
          "hot-keys.label-keys",
          Kinds.flag(),
          "false",
          RESTART,
          InsightSettings::labelHotKeys,
          "Whether the metrics of hot keys name the keys. Each key that was ever hot is a series"
              + " then, and whoever may read metrics reads keys; hence the default.");

  public static final Setting<InsightSettings, Long> BIG_BYTES =
      TABLE.row(
          "big-keys.larger-than",
          Kinds.size(Kinds.KIB, 1L << 40),
          "64KiB",
          RESTART,
          InsightSettings::bigBytes,
          "The largest requests and replies of the last minutes are noted with their keys, if they"
              + " are larger than this (`HOTKEYS BIG`, `/api/hotkeys`).");

  public static final Setting<InsightSettings, Optional<Path>> ACCESS_LOG =
      TABLE.optional(
          "access-log.file",
          Texts.file(),
          "not set",
          RESTART,
          InsightSettings::accessLog,
          "A file that gets a line for each request: time, client, user, command, key, node,"
              + " microseconds, bytes in and out. It is opened again when it was moved away. Costs"
              + " about as much as the request itself; lines that the disk does not take in time are"
              + " dropped, and counted.");

  public static final Setting<InsightSettings, Boolean> ACCESS_LOG_ENABLED =
      TABLE.row(
          "access-log.enabled",
          Kinds.flag(),
          "true",
          RESTART,
          InsightSettings::accessLogEnabled,
          "Whether the access log is written from the start. With `false` it waits for `cashew ctl"
              + " access-log POOL on`.");

  public static final Setting<InsightSettings, Boolean> LOG_KEYS =
      TABLE.row(
          "log-keys",
          Kinds.flag(),
          "true",
          RESTART,
          InsightSettings::logKeys,
          "Whether keys, shortened, are written to the log of slow requests and to the access log."
              + " `SLOWLOG GET` and `HOTKEYS` show them in any case, to whoever may use these.");

  /** What ships. */
  public static final InsightSettings DEFAULT = TABLE.standard();

  private InsightSettings(Values<InsightSettings> from) {
    this(
        from.get(SLOWER_THAN),
        from.get(SLOW_LOG_MAX),
        from.get(LOG_KEYS),
        from.get(HOT_KEY_SAMPLE),
        from.get(LABEL_HOT_KEYS),
        from.get(BIG_BYTES),
        from.get(ACCESS_LOG),
        from.get(ACCESS_LOG_ENABLED));
  }

  /** The same but for one setting. */
  public <T> InsightSettings with(Setting<InsightSettings, T> setting, T value) {
    return new InsightSettings(Values.but(this, setting, value));
  }
}
