package io.cashew.proxy.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot of what is known of the configuration. Immutable.
 *
 * @param file that it came from; empty: none
 * @param digest of what runs
 * @param fileDigest of what the file said when it was last read; empty: it was wrong
 * @param lags whether these differ
 * @param loadedAt when a configuration was last taken over, or found to be what runs
 * @param attemptedAt when the file was last read
 * @param trigger why
 * @param error what was wrong then; empty: nothing
 * @param problems with the file, one by one
 * @param needRestart what the file says and only a restart brings into force
 * @param running what runs, as HOCON without secrets
 */
public record ConfigStatus(
    Optional<String> file,
    String digest,
    Optional<String> fileDigest,
    boolean lags,
    Instant loadedAt,
    Instant attemptedAt,
    String trigger,
    Optional<String> error,
    List<Problem> problems,
    List<String> needRestart,
    String running) {
  /**
   * One thing that is wrong with the file.
   *
   * @param file as the user named it, or one that it includes
   * @param line 1 for the first; 0: none
   * @param key path of the key; empty: none
   * @param text what is wrong and what to write instead
   */
  public record Problem(String file, int line, String key, String text) {}

  public ConfigStatus {
    problems = List.copyOf(problems);
    needRestart = List.copyOf(needRestart);
  }
}
