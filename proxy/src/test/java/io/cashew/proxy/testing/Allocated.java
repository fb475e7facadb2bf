package io.cashew.proxy.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;

/** What the workers of this process allocate on the heap for a request, counted by the JVM. */
public final class Allocated {
  /** Ticks of a worker, which are there without any request, are spread over so many. */
  private static final int REQUESTS = 8_000;

  /** The compiler needs some time to see that an object does not leave the method it is made in. */
  private static final int MOST_WINDOWS = 40;

  /** Half of the smallest object there is: what ticks allocate, on a machine with much to do. */
  private static final double NOTHING = 8;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /**
   * Asserts that a request allocates nothing in the steady state.
   *
   * @param port where it is sent
   * @param reply what is answered
   * @param pipeline how many are sent together
   */
  public static void assertNothing(int port, String request, String reply, int pipeline)
      throws IOException {
    byte[] requests = request.repeat(pipeline).getBytes(ISO_8859_1);
    String replies = reply.repeat(pipeline);
    byte[] got = new byte[replies.length()];
    double least = Double.MAX_VALUE;
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setTcpNoDelay(true);
      client.setSoTimeout(10_000);
      for (int window = 0; window < MOST_WINDOWS && least > NOTHING; window++) {
        long before = soFar();
        for (int i = 0; i < REQUESTS / pipeline; i++) {
          client.getOutputStream().write(requests);
          new DataInputStream(client.getInputStream()).readFully(got);
        }
        least = Math.min(least, (double) (soFar() - before) / REQUESTS);
      }
    }
    assertEquals(replies, new String(got, ISO_8859_1));
    assertTrue(least <= NOTHING, request + ": " + least + " bytes a request");
  }

  /** Bytes that the threads of all workers have allocated so far. */
  private static long soFar() {
    long bytes = 0;
    for (long id : THREADS.getAllThreadIds()) {
      var thread = THREADS.getThreadInfo(id);
      if (thread != null && thread.getThreadName().startsWith("loop")) {
        bytes += THREADS.getThreadAllocatedBytes(id);
      }
    }
    return bytes;
  }
}
