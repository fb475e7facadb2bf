package io.cashew.proxy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for what is started later, or comes back at the same place.
 *
 * <p>They lie below the range from which the system takes ports for outgoing connections and for
 * sockets bound to port 0 (32,768 and up on Linux, 49,152 elsewhere). A port out of that range may
 * be free when a test asks and belong to a client's connection when its server starts. No port is
 * given twice by one process, and the bus of a Cluster's node, 10,000 above, meets no other port
 * from here.
 */
public final class FreePorts {
  private static final int FIRST = 10_000;
  private static final int COUNT = 10_000;

  /** Where this process begins: runs at the same time, and the forks of one, at places apart. */
  private static final AtomicInteger GIVEN = new AtomicInteger(begin());

  private FreePorts() {}

  private static int begin() {
    int fork = Integer.getInteger("surefire.forkNumber", 1) - 1;
    long run = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    return (int) ((run * 997 + fork * (COUNT / 2L)) % COUNT);
  }

  /**
   * A port at 127.0.0.1 that nobody listens on.
   *
   * @throws IllegalStateException if all of them are taken
   */
  public static int next() {
    for (int i = 0; i < COUNT; i++) {
      int port = FIRST + Math.floorMod(GIVEN.getAndIncrement(), COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from " + FIRST + " to " + (FIRST + COUNT - 1));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(false);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
