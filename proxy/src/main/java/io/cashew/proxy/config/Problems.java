package io.cashew.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collects what is wrong with one file, so that all of it is shown at once. Used by the thread that
 * reads the file.
 */
final class Problems {
  private final String file;
  private final List<ConfigProblem> found = new ArrayList<>();

  /**
   * @param file the file as the user named it
   */
  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  /** What the user calls a file: the one that was named as it was named, any other by its path. */
  String nameOf(Path absolute) {
    return absolute.equals(Path.of(file).toAbsolutePath()) ? file : absolute.toString();
  }

  void add(int line, String key, String text) {
    add(new ConfigProblem(file, line, key, text));
  }

  void add(ConfigProblem problem) {
    found.add(problem);
  }

  int count() {
    return found.size();
  }

  ConfigException exception() {
    List<ConfigProblem> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparing(ConfigProblem::line));
    return new ConfigException(sorted);
  }

  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      throw exception();
    }
  }
}
