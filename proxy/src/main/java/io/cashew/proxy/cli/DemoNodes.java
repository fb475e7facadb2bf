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
 * Redis or memcached servers of a demonstration: empty, on free ports of the loopback address,
 * without files of their own, gone when this is closed or the program ends. Used by the thread that
 * started it, but for {@link #close}, which the end of the program may call too.
 */
final class DemoNodes implements AutoCloseable {
  private static final long START_SECONDS = 10;
  private static final long PAUSE_MILLIS = 20;

  /** A server of a Cluster listens to the others at its port and so many. */
  private static final int BUS_OFFSET = 10_000;

  private static final int PORT_MAX = 65_535;
  private static final int ATTEMPTS_MAX = 1_000;

  /** One that is lost is replaced soon, so that the demonstration of that is short. */
  private static final List<String> CLUSTER_SERVER =
      List.of(
          "--cluster-enabled",
          "yes",
          "--cluster-node-timeout",
          "2000",
          "--repl-diskless-sync",
          "yes",
          "--repl-diskless-sync-delay",
          "0");

  private final Path directory;
  private final ServerExecutable executable;
  private final Consumer<String> tell;
  private final Kind kind;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final Thread atExit = new Thread(this::stop, "demo-nodes-stop");
  private volatile boolean closing;

  /** What the servers are. */
  private enum Kind {
    REDIS,
    CLUSTER,
    MEMCACHED
  }

  /** What may fail. */
  private interface Step {
    void run() throws IOException;
  }

  private DemoNodes(Path directory, ServerExecutable executable, Consumer<String> tell, Kind kind) {
    this.directory = directory;
    this.executable = executable;
    this.tell = tell;
    this.kind = kind;
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
      return start(count, tell, directory, ServerExecutable.find(directory));
    } catch (IOException failed) {
      delete(directory);
      throw failed;
    }
  }

  /**
   * Starts memcached servers and waits until each answers.
   *
   * @throws IOException as above
   */
  static DemoNodes startMemcached(int count, Consumer<String> tell) throws IOException {
    ServerExecutable memcached = ServerExecutable.memcached();
    DemoNodes nodes =
        new DemoNodes(Files.createTempDirectory("cashew-demo"), memcached, tell, Kind.MEMCACHED);
    nodes.startAll(count, () -> {});
    return nodes;
  }

  /**
   * Starts servers and has them form a Redis Cluster: primaries, then a replica of each.
   *
   * @param primaries at least 3
   * @throws IOException as above, and if they form none
   */
  static DemoNodes startCluster(int primaries, Consumer<String> tell) throws IOException {
    Path directory = Files.createTempDirectory("cashew-demo");
    try {
      DemoNodes nodes =
          new DemoNodes(directory, ServerExecutable.find(directory), tell, Kind.CLUSTER);
      nodes.startAll(2 * primaries, () -> DemoCluster.form(nodes.ports()));
      return nodes;
    } catch (IOException failed) {
      delete(directory);
      throw failed;
    }
  }

  /** Starts servers of a certain executable, which work in {@code directory} and own it. */
  static DemoNodes start(
      int count, Consumer<String> tell, Path directory, ServerExecutable executable)
      throws IOException {
    DemoNodes nodes = new DemoNodes(directory, executable, tell, Kind.REDIS);
    nodes.startAll(count, () -> {});
    return nodes;
  }

  private void startAll(int count, Step whenTheyAnswer) throws IOException {
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      for (int i = 0; i < count; i++) {
        launch(i + 1);
      }
      for (int i = 0; i < count; i++) {
        await(i + 1);
      }
      whenTheyAnswer.run();
    } catch (IOException | RuntimeException failed) {
      close();
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
    int port = kind == Kind.CLUSTER ? freePortWithBus() : freePort();
    Process process =
        new ProcessBuilder(kind == Kind.MEMCACHED ? memcached(port) : redis(number, port))
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

  private List<String> memcached(int port) {
    String user = System.getProperty("user.name"); // as root it asks who to be
    return List.of(executable.command(), "-l", "127.0.0.1", "-p", "" + port, "-U", "0", "-u", user);
  }

  private List<String> redis(int number, int port) {
    List<String> command = new ArrayList<>(List.of(executable.command(), "--port", "" + port));
    command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
    command.addAll(List.of("--dir", directory.toString()));
    if (kind == Kind.CLUSTER) {
      command.addAll(CLUSTER_SERVER);
      // Files of its own, since all work in one directory.
      command.addAll(List.of("--cluster-config-file", "node" + number + ".conf"));
      command.addAll(List.of("--dbfilename", "node" + number + ".rdb"));
    }
    return command;
  }

  private Path log(int number) {
    return directory.resolve("node" + number + ".log");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A free port whose port for the bus of the Cluster is free, too. */
  private static int freePortWithBus() throws IOException {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      int port = freePort();
      int bus = port + BUS_OFFSET;
      if (bus <= PORT_MAX && BindProbe.problem(new Address.Tcp("127.0.0.1", bus)).isEmpty()) {
        return port;
      }
    }
    throw new IOException("no port is free of which that " + BUS_OFFSET + " above it is free, too");
  }

  private void await(int number) throws IOException {
    Address address = new Address.Tcp("127.0.0.1", ports.get(number - 1));
    Process process = processes.get(number - 1);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    Optional<String> problem = problem(address);
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
      problem = problem(address);
    }
  }

  private Optional<String> problem(Address address) {
    return kind == Kind.MEMCACHED
        ? NodeProbe.askMemcached(address, Optional.empty())
        : NodeProbe.ask(address, Optional.empty(), 0);
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
