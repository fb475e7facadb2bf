package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A real memcached process on a free port of the loopback address. It accepts connections when the
 * constructor returns and is gone when {@link #close} does. Where memcached is not installed the
 * test is skipped, and says so.
 */
public final class RealMemcached implements AutoCloseable {
  private final Process process;
  private final int port;

  private RealMemcached(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * An empty server.
   *
   * @param arguments further ones of memcached: {@code "-I", "8m"}
   */
  public static RealMemcached start(String... arguments) {
    return startAt(FreePorts.next(), arguments);
  }

  /** The same on a port of the caller's choice, for those that come back at their old address. */
  public static RealMemcached startAt(int port, String... arguments) {
    InstalledTool memcached = InstalledTool.orSkip("memcached", "memcached");
    String[] all = new String[arguments.length + 8];
    String user = System.getProperty("user.name");
    String[] own = {"-l", "127.0.0.1", "-p", "" + port, "-U", "0", "-u", user};
    System.arraycopy(own, 0, all, 0, own.length);
    System.arraycopy(arguments, 0, all, own.length, arguments.length);
    try {
      Process process = memcached.start(all);
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      Await.until(() -> "memcached listens on " + port, () -> listens(process, port));
      return new RealMemcached(process, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same that listens on a unix socket only. */
  public static RealMemcached startOn(Path socket) {
    InstalledTool memcached = InstalledTool.orSkip("memcached", "memcached");
    try {
      Process process =
          memcached.start("-s", socket.toString(), "-u", System.getProperty("user.name"));
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      Await.until(() -> "memcached listens on " + socket, () -> listens(process, socket));
      return new RealMemcached(process, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(Process process, Path socket) {
    assertRuns(process);
    try (SocketChannel connected = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return connected.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void assertRuns(Process process) {
    if (!process.isAlive()) {
      throw new IllegalStateException("memcached ended with status " + process.exitValue());
    }
  }

  private static boolean listens(Process process, int port) {
    assertRuns(process);
    try {
      new RawClient(port).close();
      return true;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** The port it listens on, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** A connection to it. */
  public RawClient connect() {
    return new RawClient(port);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
