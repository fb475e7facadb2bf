package io.cashew.proxy.control;

import com.sun.management.UnixOperatingSystemMXBean;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.loop.Descriptors;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many file descriptors of the process are for clients: all less those that are open already,
 * those of the listeners, one for each shared connection to a node, and a reserve, as Redis keeps
 * one. So a connection to a node that has ended can always be opened again. What is opened for
 * clients beyond that (pinned connections, those of RESP3 and of other databases) comes out of the
 * clients' part.
 */
final class FileDescriptors {
  private static final Logger LOG = LoggerFactory.getLogger(FileDescriptors.class);

  /** For the admin address, libraries that are opened late, names that are looked up, probes. */
  private static final int RESERVE = 32;

  /** From here on nobody asks what the limit is. */
  private static final long MANY = 10_000;

  private FileDescriptors() {}

  /** Counts what this process may open; called when its workers run and nothing else does. */
  static Descriptors forClients(Settings settings) {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Descriptors.unlimited();
    }
    long limit = unix.getMaxFileDescriptorCount();
    long left = forClients(limit, unix.getOpenFileDescriptorCount(), settings);
    if (left < 1) {
      LOG.warn(
          "the limit of open files is {}, which leaves none for clients: one is served; raise it"
              + " (ulimit -n, LimitNOFILE)",
          limit);
    } else if (left < MANY) {
      LOG.info("the limit of open files is {}, which leaves {} for clients", limit, left);
    }
    return new Descriptors(Math.max(1, left));
  }

  /** For listeners, and for the shared connections to nodes. */
  static long setAside(Settings settings) {
    long used = 0;
    for (PoolSettings pool : settings.pools()) {
      used +=
          1
              + (long) settings.workers().count()
                  * pool.nodes().size()
                  * pool.connections().perNode();
    }
    return used;
  }

  static long forClients(long limit, long open, Settings settings) {
    return limit - open - RESERVE - setAside(settings);
  }
}
