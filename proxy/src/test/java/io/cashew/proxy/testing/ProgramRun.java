package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to its end.
 *
 * @param status its exit status
 * @param printed what it printed on either stream
 */
public record ProgramRun(int status, String printed) {
  private static final long LIMIT_SECONDS = 120;

  /** A JVM prints in a moment where its threads are, when it is asked to. */
  private static final long LAST_WORDS_SECONDS = 5;

  /**
   * Runs one in the directory of the test.
   *
   * @throws AssertionError if it does not end in two minutes; the message has what it printed, and,
   *     of a JVM, where its threads were
   */
  public static ProgramRun of(List<String> command) {
    return of(Path.of(""), command);
  }

  /**
   * The same.
   *
   * @param directory where it runs
   */
  public static ProgramRun of(Path directory, List<String> command) {
    try {
      Path output = Files.createTempFile("program", ".txt");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(directory.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
          end(process);
        }
        // Not all that a program prints is UTF-8.
        String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
        if (!ended) {
          throw new AssertionError(
              command + " did not end within " + LIMIT_SECONDS + " s:\n" + printed);
        }
        return new ProgramRun(process.exitValue(), printed);
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + command + " runs", e);
    }
  }

  private static void end(Process process) throws IOException, InterruptedException {
    Process asking = new ProcessBuilder("kill", "-QUIT", "" + process.pid()).start();
    boolean asked = asking.waitFor(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    if (!asked || !process.waitFor(LAST_WORDS_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
