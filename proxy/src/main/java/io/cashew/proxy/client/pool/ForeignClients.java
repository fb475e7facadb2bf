package io.cashew.proxy.client.pool;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of clients that speak another protocol, such as HTTP: a mistake, or an attack by way of
 * somebody's browser. At most one line a minute, as Redis has it, so that nobody can fill the log.
 * One per pool and worker, confined to it.
 */
final class ForeignClients {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignClients.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String pool;
  private boolean warned;
  private long warnedNanos;
  private long unmentioned;

  ForeignClients(String pool) {
    this.pool = pool;
  }

  /** A client was closed for its protocol. */
  void saw(String peer, String error) {
    long now = System.nanoTime();
    if (warned && now - warnedNanos < QUIET_NANOS) {
      unmentioned++;
      return;
    }
    LOG.warn(
        "possible SECURITY ATTACK: client {} of pool '{}' is closed: {}; nothing of it was run"
            + " ({} more since the last such line)",
        peer,
        pool,
        error,
        unmentioned);
    warned = true;
    warnedNanos = now;
    unmentioned = 0;
  }
}
