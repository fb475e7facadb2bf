package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/**
 * A {@code redis-server}, or a {@code memcached}, that runs on this machine.
 *
 * @param command what starts it
 * @param version what it says of itself: {@code Redis server v=7.0.15}
 */
record ServerExecutable(String command, String version) {
  private static final List<String> ON_PATH = List.of("redis-server", "valkey-server");

  private static final String INSTALL =
      "no Redis runs here: install Redis or Valkey so that redis-server or valkey-server is on the"
          + " PATH";

  /**
   * The one on the PATH if it runs, else the one that the embedded-redis artifact ships, which is
   * there in a checkout and not in an installed program.
   *
   * @param directory where the shipped one is unpacked if it is needed
   * @throws IOException if neither runs here
   */
  static ServerExecutable find(Path directory) throws IOException {
    List<String> reasons = new ArrayList<>();
    for (String each : ON_PATH) {
      try {
        return run(each);
      } catch (IOException notOnPath) {
        reasons.add(notOnPath.getMessage());
      }
    }
    try {
      return shipped(directory);
    } catch (IOException noneShipped) {
      reasons.add("shipped: " + noneShipped.getMessage());
      throw new IOException(INSTALL + " (" + String.join("; ", reasons) + ")", noneShipped);
    }
  }

  /**
   * The memcached on the PATH.
   *
   * @throws IOException if there is none
   */
  static ServerExecutable memcached() throws IOException {
    try {
      return run("memcached");
    } catch (IOException notOnPath) {
      throw new IOException(
          "no memcached runs here: install it so that it is on the PATH", notOnPath);
    }
  }

  /** Unpacks the one that the embedded-redis artifact ships for this system. */
  static ServerExecutable shipped(Path directory) throws IOException {
    try {
      File unpacked = ExecutableProvider.newJarResourceProvider(directory.toFile()).get();
      return run(unpacked.getAbsolutePath());
    } catch (NoClassDefFoundError notInstalled) {
      throw new IOException("this installation brings none along", notInstalled);
    } catch (RuntimeException notForThisSystem) {
      throw new IOException(
          "none for this system (" + notForThisSystem.getMessage() + ")", notForThisSystem);
    }
  }

  private static ServerExecutable run(String command) throws IOException {
    Process process = new ProcessBuilder(command, "--version").redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("'" + command + " --version' fails: " + said);
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while '" + command + " --version' ran", interrupted);
    }
    return new ServerExecutable(command, said.replaceFirst(" sha=.*", ""));
  }
}
