package io.cashew.proxy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients at work: some that connect anew for each request, and some that stay, at different paces.
 * Those that stay may find their connection closed before they send a request, and connect again;
 * anything else that does not end in a reply is a failure.
 */
public final class Knocking implements AutoCloseable {
  private static final int[] PAUSES_MILLIS = {0, 1, 5, 20, 100};
  private static final int CONNECT_MILLIS = 20_000;

  private final int port;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong newClients = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private volatile boolean over;

  private Knocking(int port) {
    this.port = port;
  }

  /** Clients of a port of the loopback address. */
  public static Knocking at(int port) {
    Knocking knocking = new Knocking(port);
    knocking.begin(knocking::comeAndGo);
    for (int pause : PAUSES_MILLIS) {
      knocking.begin(() -> knocking.stay(pause));
    }
    return knocking;
  }

  private void begin(Runnable client) {
    Thread thread = new Thread(client, "knocking");
    threads.add(thread);
    thread.start();
  }

  /** Waits until clients of either kind have been served since. */
  public void awaitMore() {
    long clients = newClients.get();
    long sent = requests.get();
    Await.until(
        () -> "more clients are served: " + failures,
        () -> newClients.get() > clients + 20 && requests.get() > sent + 50);
  }

  /** What went wrong. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(CONNECT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
    return socket;
  }

  private void comeAndGo() {
    while (!over) {
      try (Socket socket = connect()) {
        ask(socket);
        newClients.incrementAndGet();
      } catch (IOException e) {
        failures.add("a new client: " + e);
      }
    }
  }

  private void stay(int pauseMillis) {
    while (!over) {
      try (Socket socket = connect()) {
        while (!over && !hasEnded(socket, pauseMillis)) {
          ask(socket);
          requests.incrementAndGet();
        }
      } catch (IOException e) {
        failures.add("a client that stays, with pauses of " + pauseMillis + " ms: " + e);
      }
    }
  }

  /** Looks for the end during a pause; nothing else can come, since no reply is owed. */
  private static boolean hasEnded(Socket socket, int pauseMillis) throws IOException {
    socket.setSoTimeout(pauseMillis + 1);
    try {
      int read = socket.getInputStream().read();
      if (read >= 0) {
        throw new IOException("a byte that nobody asked for: " + read);
      }
      return true;
    } catch (java.net.SocketTimeoutException nothing) {
      socket.setSoTimeout(CONNECT_MILLIS);
      return false;
    }
  }

  private static void ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] reply = socket.getInputStream().readNBytes(5);
    if (!new String(reply, StandardCharsets.US_ASCII).equals("+OK\r\n")) {
      throw new IOException(
          "no reply, but '" + new String(reply, StandardCharsets.US_ASCII).strip() + "'");
    }
  }

  @Override
  public void close() {
    over = true;
    Await.end(threads);
  }
}
