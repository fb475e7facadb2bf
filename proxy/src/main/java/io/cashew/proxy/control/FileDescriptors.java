package io.cashew.proxy.control;

import com.sun.management.UnixOperatingSystemMXBean;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.lang.management.ManagementFactory;

/**
 * How many clients the file descriptors of the process allow: all of them less those of the nodes'
 * connections and a reserve, as Redis keeps one.
 *
 * @param forClients descriptors left for the clients of all pools
 */
record FileDescriptors(long forClients) {
  private static final int RESERVE = 32;

  static FileDescriptors of(Settings settings) {
    long limit = Integer.MAX_VALUE;
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      limit = unix.getMaxFileDescriptorCount();
    }
    long used = RESERVE;
    for (PoolSettings pool : settings.pools()) {
      used += 1 + (long) settings.workers() * pool.nodes().size() * pool.connectionsPerNode();
    }
    return new FileDescriptors(Math.max(1, limit - used));
  }

  /** Clients that a pool may have. */
  int clientLimit(PoolSettings pool) {
    int configured = pool.limits().clients();
    long limit = configured > 0 ? Math.min(configured, forClients) : forClients;
    return (int) Math.min(limit, Integer.MAX_VALUE);
  }
}
