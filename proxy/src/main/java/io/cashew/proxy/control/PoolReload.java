package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import java.io.IOException;

/**
 * A pool that stays, on its way to other settings: {@link #stage} can be refused and taken back;
 * then its {@link PoolChanges} follow. Used by the thread that reloads.
 *
 * @param reconnects whether all connections to its nodes are made anew
 */
record PoolReload(
    Pool pool,
    PoolSettings next,
    PoolCertificates before,
    PoolCertificates certificates,
    boolean reconnects) {

  /**
   * Reads certificates.
   *
   * @throws IOException if that fails: nothing has changed
   */
  static PoolReload stage(Pool pool, PoolPlan plan, PoolSettings next) throws IOException {
    PoolSettings now = pool.settings();
    PoolCertificates before = pool.certificates();
    PoolCertificates certificates =
        PoolCertificates.of(
            next,
            now.tls().clients().equals(next.tls().clients()) ? before.ofClients() : null,
            now.tls().nodes().equals(next.tls().nodes()) ? before.ofNodes() : null);
    return new PoolReload(pool, next, before, certificates, plan.reconnects());
  }

  /** Gives up what {@link #stage} has made. */
  void takeBack() {
    certificates.closeBut(before);
  }

  Following carryOut() {
    return pool.changes().follow(next, certificates, reconnects);
  }
}
