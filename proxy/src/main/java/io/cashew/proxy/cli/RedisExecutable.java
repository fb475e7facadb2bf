package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/**
 * A {@code redis-server} that runs on this machine.
 *
 * @param command what starts it
 * @param version what it says of itself: {@code Redis server v=7.0.15}
 */
record RedisExecutable(String command, String version) {
  private static final String ON_PATH = "redis-server";

  /**
   * The one on the PATH if it runs, else the one that the embedded-redis artifact ships.
   *
   * @param directory where the shipped one is unpacked if it is needed
   * @throws IOException if neither runs here
   */
  static RedisExecutable find(Path directory) throws IOException {
    try {
      return run(ON_PATH);
    } catch (IOException notOnPath) {
      try {
        return shipped(directory);
      } catch (IOException notHere) {
        notHere.addSuppressed(notOnPath);
        throw new IOException(
            "no redis-server runs here: install Redis or Valkey so that redis-server is on the"
                + " PATH (PATH: "
                + notOnPath.getMessage()
                + "; shipped: "
                + notHere.getMessage()
                + ")",
            notHere);
      }
    }
  }

  /** Unpacks the one that the embedded-redis artifact ships for this system. */
  static RedisExecutable shipped(Path directory) throws IOException {
    try {
      File unpacked = ExecutableProvider.newJarResourceProvider(directory.toFile()).get();
      return run(unpacked.getAbsolutePath());
    } catch (RuntimeException notForThisSystem) {
      throw new IOException(
          "none for this system (" + notForThisSystem.getMessage() + ")", notForThisSystem);
    }
  }

  private static RedisExecutable run(String command) throws IOException {
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
    return new RedisExecutable(command, said.replaceFirst(" sha=.*", ""));
  }
}
