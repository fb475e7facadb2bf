package io.cashew.proxy.route;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Three servers in memory that share the slots of a Cluster, and a client of a pool of them. */
@ExtendWith(LeakCheck.class)
abstract class SlotServers {
  final VirtualWorker worker = new VirtualWorker();
  final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  final InMemoryServer beta = new InMemoryServer(worker, "beta");
  final InMemoryServer gamma = new InMemoryServer(worker, "gamma");
  final VirtualPool pool = VirtualPool.ofSlots(worker, 1000, alpha, beta, gamma);
  final VirtualPool.Client client = pool.connect();

  /** A key of alpha, and its slot. */
  final String a = pool.keyOf(alpha);

  final int slot = pool.slotOf(a);

  SlotServers() {
    pool.failoverWait(500);
  }

  @AfterEach
  final void stop() {
    client.leave();
    worker.close();
  }

  /** What a server says of the slot that has gone to another. */
  final String moved(InMemoryServer to) {
    return "-MOVED " + slot + " " + to.text() + "\r\n";
  }
}
