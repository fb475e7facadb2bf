package io.cashew.hashing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files among the test resources. Stateless. */
public final class TestFiles {
  private TestFiles() {}

  /** Files of a directory whose names start so and end in {@code .json}, at least one, sorted. */
  public static List<Path> in(String directory, String start) {
    try (Stream<Path> files = Files.list(Path.of(uri(directory)))) {
      List<Path> found =
          files
              .filter(file -> file.getFileName().toString().startsWith(start))
              .filter(file -> file.getFileName().toString().endsWith(".json"))
              .sorted()
              .toList();
      if (found.isEmpty()) {
        throw new AssertionError("no " + directory + "/" + start + "*.json");
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The whole text of a file. */
  public static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI uri(String directory) {
    try {
      return Objects.requireNonNull(TestFiles.class.getResource("/" + directory), directory)
          .toURI();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
