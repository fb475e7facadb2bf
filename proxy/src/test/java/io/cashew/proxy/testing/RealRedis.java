package io.cashew.proxy.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import redis.embedded.core.ExecutableProvider;

/**
 * A real redis-server process on a free port of the loopback address, empty and without
 * persistence. It answers when the constructor returns and is gone when {@link #close} does.
 */
public final class RealRedis implements AutoCloseable {
  private static final int ATTEMPTS_MAX = 10;

  private final Process process;
  private final int port;

  private RealRedis(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * The server that the embedded-redis artifact ships for this machine, or the one that the
   * property {@code cashew.test.server} names: {@code -Dcashew.test.server=/usr/bin/redis-server}.
   *
   * @param arguments further ones of redis-server: {@code "--requirepass", "secret"}
   */
  public static RealRedis start(String... arguments) {
    return start(Shipped.EXECUTABLE, arguments);
  }

  /** The server that is installed on this machine (on the PATH), if there is one. */
  public static Optional<RealRedis> startInstalled(String... arguments) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> new File(directory, "redis-server"))
        .filter(File::canExecute)
        .findFirst()
        .map(executable -> start(executable, arguments));
  }

  /**
   * The servers, newer than the installed one, that {@code CASHEW_TEST_REDIS} names: paths of
   * executables, separated as those of the PATH are. None without it.
   */
  public static List<RealRedis> startNewer(String... arguments) {
    String paths = System.getenv("CASHEW_TEST_REDIS");
    return paths == null
        ? List.of()
        : Stream.of(paths.split(File.pathSeparator))
            .map(path -> start(new File(path), arguments))
            .toList();
  }

  /** A server on a port of the caller's choice, for those that come back at their old address. */
  public static RealRedis startAt(int port, String... arguments) {
    List<String> log = new ArrayList<>();
    return attempt(Shipped.EXECUTABLE, port, log, arguments)
        .orElseThrow(() -> new IllegalStateException("redis-server ended: " + log));
  }

  /**
   * The same program as a Sentinel, which writes to its configuration file.
   *
   * @param directory for the file, of its own
   * @param monitor lines of {@code sentinel …}
   */
  public static RealRedis startSentinel(Path directory, String... monitor) {
    List<String> log = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      int port = FreePorts.next();
      Path file = directory.resolve("sentinel.conf");
      try {
        Files.write(file, List.of(monitor));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      List<String> command =
          List.of(
              Shipped.EXECUTABLE.getPath(),
              file.toString(),
              "--sentinel",
              "--port",
              "" + port,
              "--bind",
              "127.0.0.1");
      Optional<RealRedis> started = attempt(command, port, "Sentinel ID is", log);
      if (started.isPresent()) {
        return started.get();
      }
    }
    throw new IllegalStateException("the Sentinel ended " + ATTEMPTS_MAX + " times: " + log);
  }

  /**
   * A server for a Cluster, of which it is no member yet: the first that {@code CASHEW_TEST_REDIS}
   * names, without it the one of the embedded-redis artifact.
   *
   * @param directory for its files, of its own
   */
  public static RealRedis startForCluster(Path directory, String... arguments) {
    return start(executableForCluster(), ofCluster(directory, arguments));
  }

  /** The same at a port of the caller's choice, for one that comes back to its files. */
  public static RealRedis startForClusterAt(int port, Path directory, String... arguments) {
    List<String> log = new ArrayList<>();
    return attempt(executableForCluster(), port, log, ofCluster(directory, arguments))
        .orElseThrow(() -> new IllegalStateException("redis-server ended: " + log));
  }

  private static File executableForCluster() {
    String paths = System.getenv("CASHEW_TEST_REDIS");
    return paths == null ? Shipped.EXECUTABLE : new File(paths.split(File.pathSeparator, -1)[0]);
  }

  /** The same of the installed server, if there is one. */
  public static Optional<RealRedis> startInstalledForCluster(Path directory, String... arguments) {
    return startInstalled(ofCluster(directory, arguments));
  }

  private static String[] ofCluster(Path directory, String... arguments) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--cluster-enabled", "yes", "--dir", directory.toString()));
    all.addAll(List.of(arguments));
    return all.toArray(String[]::new);
  }

  private static RealRedis start(File executable, String... arguments) {
    List<String> log = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      // Somebody else may take the port in between: then the server ends, and another is tried.
      Optional<RealRedis> started = attempt(executable, FreePorts.next(), log, arguments);
      if (started.isPresent()) {
        return started.get();
      }
    }
    throw new IllegalStateException("redis-server ended " + ATTEMPTS_MAX + " times: " + log);
  }

  private static Optional<RealRedis> attempt(
      File executable, int port, List<String> log, String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(executable.getPath(), "--port", "" + port, "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(List.of("--dir", System.getProperty("java.io.tmpdir")));
    // A server loads the dump that it finds, also one of somebody else.
    command.addAll(List.of("--dbfilename", dump(port)));
    command.addAll(List.of(arguments));
    return attempt(command, port, "Ready to accept connections", log);
  }

  private static String dump(int port) {
    return "cashew-test-" + port + ".rdb";
  }

  private static Optional<RealRedis> attempt(
      List<String> command, int port, String ready, List<String> log) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return becomesReady(process, ready, log)
          ? Optional.of(new RealRedis(process, port))
          : Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("cannot start " + command, e);
    }
  }

  /**
   * Waits until the server is ready. A thread reads its log, also when it is, lest the server
   * block.
   *
   * @return false if it has ended instead
   */
  private static boolean becomesReady(Process process, String ready, List<String> log) {
    CompletableFuture<Boolean> isReady = new CompletableFuture<>();
    List<String> begin = new CopyOnWriteArrayList<>();
    Thread reading = new Thread(() -> read(process, ready, begin, isReady), "redis log");
    reading.setDaemon(true);
    reading.start();
    try {
      return Await.result(isReady);
    } catch (AssertionError late) {
      process.destroyForcibly();
      throw new AssertionError("a server does not start: " + begin, late);
    } finally {
      log.addAll(begin);
    }
  }

  private static void read(
      Process process, String ready, List<String> begin, CompletableFuture<Boolean> isReady) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!isReady.isDone()) {
          begin.add(line);
        }
        if (line.contains(ready)) {
          isReady.complete(true);
        }
      }
    } catch (IOException e) {
      return; // the server was killed: its log ends in the middle
    } finally {
      isReady.complete(false);
    }
  }

  /** The port it listens on, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** A connection to it. */
  public RawClient connect() {
    return new RawClient(port);
  }

  /** Whether it knows a setting. */
  public boolean has(String setting) {
    try (RawClient client = connect()) {
      return client.send("CONFIG", "GET", setting) instanceof List<?> found && !found.isEmpty();
    }
  }

  /** Freezes it: its connections stay, and nothing is answered. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets it go on after {@link #freeze()}. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " failed: " + status);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while killing", e);
    }
  }

  /** Kills it, as a machine that fails would, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("redis-server " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while redis-server ends", e);
    }
    try {
      Files.deleteIfExists(Path.of(System.getProperty("java.io.tmpdir"), dump(port)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unpacked once a virtual machine. */
  private static final class Shipped {
    static final File EXECUTABLE =
        Optional.ofNullable(System.getProperty("cashew.test.server"))
            .map(File::new)
            .orElseGet(Shipped::unpack);

    private static File unpack() {
      try {
        return ExecutableProvider.newJarResourceProvider().get();
      } catch (IOException e) {
        throw new IllegalStateException("cannot unpack the redis-server of embedded-redis", e);
      }
    }
  }
}
