package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code cashew serve} as a process of its own. */
public final class ProxyProcess implements AutoCloseable {
  private static final long LONGEST_SECONDS = 60;

  /** Below those that Linux gives to outgoing connections. */
  private final Process process;

  private final Path log;

  private ProxyProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param config its file; what it says goes into files beside that
   * @param options of serve, before the file
   */
  public static ProxyProcess serve(Path config, String... options) {
    return serve(List.of(), ownJava(), config, options);
  }

  /** The same on another virtual machine: the path of its {@code java}. */
  public static ProxyProcess serveWith(Path java, Path config) {
    return serve(List.of(), java.toString(), config);
  }

  private static String ownJava() {
    return ProcessHandle.current().info().command().orElse("java");
  }

  /** The same as nohup starts it. */
  public static ProxyProcess serveWithoutHangUp(Path config) {
    return serve(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"), ownJava(), config);
  }

  private static ProxyProcess serve(
      List<String> starter, String java, Path config, String... options) {
    List<String> command = new ArrayList<>(starter);
    command.addAll(
        List.of(
            java,
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.cashew.proxy.Main",
            "serve"));
    command.addAll(List.of(options));
    command.addAll(List.of("-c", config.toString()));
    try {
      Path log = Files.createTempFile(config.toAbsolutePath().getParent(), "cashew", ".log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return new ProxyProcess(process, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it says that it is ready. */
  public ProxyProcess awaitReady() {
    awaitLog(" is ready: ");
    return this;
  }

  /** Waits until its log has this text. */
  public void awaitLog(String text) {
    Await.until(
        () -> "the log has '" + text + "': " + log(),
        () -> {
          if (!process.isAlive() && !log().contains(text)) {
            throw new AssertionError("the process has ended: " + log());
          }
          return log().contains(text);
        });
  }

  /** What it has said. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal: {@code TERM}. */
  public void signal(String name) {
    try {
      int status = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
      if (status != 0) {
        throw new AssertionError("kill -" + name + " ends with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end. @return its status */
  public int awaitEnd() {
    try {
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
