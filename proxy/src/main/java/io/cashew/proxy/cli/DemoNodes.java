package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.config.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Redis servers of a demonstration: empty, on free ports of the loopback address, without files of
 * their own, gone when this is closed or the program ends. Used by the thread that started it, but
 * for {@link #close}, which the end of the program may call too.
 */
final class DemoNodes implements AutoCloseable {
  private static final long START_SECONDS = 10;
  private static final long PAUSE_MILLIS = 20;

  private final Path directory;
  private final RedisExecutable executable;
  private final Consumer<String> tell;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final Thread atExit = new Thread(this::stop, "demo-nodes-stop");
  private volatile boolean closing;

  private DemoNodes(Path directory, RedisExecutable executable, Consumer<String> tell) {
    this.directory = directory;
    this.executable = executable;
    this.tell = tell;
  }

  /**
   * Starts servers and waits until each answers PING.
   *
   * @param count at least 1
   * @param tell is told, from any thread, when a server ends by itself
   * @throws IOException if there is no server to run, or one does not start; none is left running
   */
  static DemoNodes start(int count, Consumer<String> tell) throws IOException {
    Path directory = Files.createTempDirectory("cashew-demo");
    try {
      return start(count, tell, directory, RedisExecutable.find(directory));
    } catch (IOException failed) {
      delete(directory);
      throw failed;
    }
  }

  /** Starts servers of a certain executable, which work in {@code directory} and own it. */
  static DemoNodes start(
      int count, Consumer<String> tell, Path directory, RedisExecutable executable)
      throws IOException {
    DemoNodes nodes = new DemoNodes(directory, executable, tell);
    Runtime.getRuntime().addShutdownHook(nodes.atExit);
    try {
      for (int i = 0; i < count; i++) {
        nodes.launch(i + 1);
      }
      for (int i = 0; i < count; i++) {
        nodes.await(i + 1);
      }
      return nodes;
    } catch (IOException | RuntimeException failed) {
      nodes.close();
      throw failed;
    }
  }

  /** One port a server, in the order of the servers. */
  List<Integer> ports() {
    return List.copyOf(ports);
  }

  /** What the servers are: {@code Redis server v=7.0.15}. */
  String version() {
    return executable.version();
  }

  /** Whether all servers run. */
  boolean alive() {
    return processes.stream().allMatch(Process::isAlive);
  }

  private void launch(int number) throws IOException {
    int port = freePort();
    Process process =
        new ProcessBuilder(
                executable.command(),
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(log(number).toFile())
            .start();
    process.getOutputStream().close();
    ports.add(port);
    processes.add(process);
    process
        .onExit()
        .thenAccept(
            ended -> {
              if (!closing) {
                tell.accept(
                    "cashew demo: node"
                        + number
                        + " (127.0.0.1:"
                        + port
                        + ") ended by itself, status "
                        + ended.exitValue());
              }
            });
  }

  private Path log(int number) {
    return directory.resolve("node" + number + ".log");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void await(int number) throws IOException {
    Address address = new Address.Tcp("127.0.0.1", ports.get(number - 1));
    Process process = processes.get(number - 1);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    Optional<String> problem = NodeProbe.ask(address, Optional.empty(), 0);
    while (problem.isPresent()) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IOException(
            "node"
                + number
                + " of the demonstration does not start ("
                + problem.get()
                + "): "
                + Files.readString(log(number), UTF_8).strip());
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while a server started", interrupted);
      }
      problem = NodeProbe.ask(address, Optional.empty(), 0);
    }
  }

  /** Ends the servers and removes their directory. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException alreadyEnding) {
      // The hook runs, or has run, and does the same.
    }
    stop();
  }

  /** Once: at the end of the process both its user and the hook come here. */
  private synchronized void stop() {
    if (closing) {
      return;
    }
    closing = true;
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
    delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException left) {
      System.err.println("cashew demo: cannot remove " + directory + ": " + left.getMessage());
    }
  }
}
