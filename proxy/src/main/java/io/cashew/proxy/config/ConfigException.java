package io.cashew.proxy.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A configuration that cannot be used. It carries every problem of the file, in the order of its
 * lines; the message has one line a problem. It has no stack trace: the user's file is at fault.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  ConfigException(List<ConfigProblem> problems) {
    super(
        problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.problems = List.copyOf(problems);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** At least one. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
