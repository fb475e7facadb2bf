package io.cashew.proxy.config;

import java.nio.file.Path;
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
 */
public record InsightSettings(
    long slowerThanMillis,
    int slowLogMax,
    boolean logKeys,
    int hotKeySample,
    boolean labelHotKeys,
    long bigBytes,
    Optional<Path> accessLog) {
  /** No request is slow. */
  public static final long OFF = -1;

  /** What ships. */
  public static final InsightSettings DEFAULT =
      new InsightSettings(10, 128, true, 16, false, 64 << 10, Optional.empty());
}
