package io.cashew.proxy.testing;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pool over two servers in memory, whose answers a test says itself, and one client of it. */
@ExtendWith(LeakCheck.class)
public abstract class TwoServers {
  protected final VirtualWorker worker = new VirtualWorker();
  protected final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  protected final InMemoryServer beta = new InMemoryServer(worker, "beta");
  protected final VirtualPool pool = new VirtualPool(worker, alpha, beta);

  /** A key of {@link #alpha}. */
  protected final String a = pool.keyOf(alpha);

  /** A key of {@link #beta}. */
  protected final String b = pool.keyOf(beta);

  protected final VirtualPool.Client client = pool.connect();

  @AfterEach
  void stop() {
    client.leave();
    worker.close();
  }
}
