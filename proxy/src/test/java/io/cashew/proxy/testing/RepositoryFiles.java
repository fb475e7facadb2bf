package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Files of the repository that are not code, for tests that hold them to what the code says. */
public final class RepositoryFiles {
  private static final Path ROOT = Path.of("..");

  private RepositoryFiles() {}

  /** Where a file or directory is. */
  public static Path path(String name) {
    return ROOT.resolve(name);
  }

  /** The text of a file. */
  public static String text(String name) throws IOException {
    return Files.readString(path(name));
  }

  /** All files below a directory, by their names from the root of the repository. */
  public static List<String> below(String directory) throws IOException {
    try (Stream<Path> files = Files.walk(path(directory))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> ROOT.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** Writes a generated file, where the build was told to ({@code -Dcashew.write=true}). */
  public static void writeIfAsked(String name, String text) throws IOException {
    if (Boolean.getBoolean("cashew.write")) {
      Files.createDirectories(path(name).getParent());
      Files.writeString(path(name), text);
    }
  }

  /**
   * Asserts that a generated file is what its generator makes, after {@link #writeIfAsked}.
   *
   * @param test the simple name of the test that calls
   */
  public static void assertGenerated(String name, String expected, String test) throws IOException {
    writeIfAsked(name, expected);
    Path file = path(name);
    assertEquals(
        expected,
        Files.exists(file) ? Files.readString(file) : "",
        name
            + " is out of date. Write it again: mvn -pl hashing,proxy test -Dtest="
            + test
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dcashew.write=true");
  }
}
