package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program that checks files of its own kind better than a test could, and that a machine may
 * have: {@code promtool}, {@code haproxy}. Where it is missing the test is skipped, and says so.
 */
public final class InstalledTool {
  private final File executable;

  private InstalledTool(File executable) {
    this.executable = executable;
  }

  /**
   * The program of this name on the PATH; without it the test that asks ends as skipped.
   *
   * @param packageName what Debian calls the package that has it
   */
  public static InstalledTool orSkip(String name, String packageName) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
        .map(directory -> new File(directory, name))
        .filter(File::canExecute)
        .findFirst()
        .map(InstalledTool::new)
        .orElseGet(
            () -> {
              String skipped =
                  "SKIPPED, because "
                      + name
                      + " is not installed (apt-get install "
                      + packageName
                      + ")";
              System.out.println(skipped);
              return abort(skipped);
            });
  }

  /**
   * Starts it.
   *
   * @return its process; what it prints on either stream is read as its output
   */
  public Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(executable.getPath()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Starts it; what it prints on either stream goes into a file. */
  public Process start(Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(executable.getPath()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /**
   * Runs it to its end.
   *
   * @param directory where
   * @return what it printed
   * @throws AssertionError if its exit status is not 0, or it does not end in two minutes; the
   *     message has what it printed
   */
  public String run(Path directory, String... arguments) {
    List<String> command = new ArrayList<>(List.of(executable.getPath()));
    command.addAll(List.of(arguments));
    ProgramRun run = ProgramRun.of(directory, command);
    if (run.status() != 0) {
      throw new AssertionError(
          command + " ended with status " + run.status() + ":\n" + run.printed());
    }
    return run.printed();
  }
}
