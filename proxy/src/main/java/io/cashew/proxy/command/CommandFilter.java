package io.cashew.proxy.command;

import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What {@code COMMAND LIST FILTERBY} filters by. */
public enum CommandFilter {
  MODULE {
    @Override
    public Predicate<Command> by(String module) {
      return row -> module.equals(ModuleCommands.moduleOf(row));
    }
  },
  ACLCAT {
    @Override
    public Predicate<Command> by(String category) {
      String word = category.toLowerCase(Locale.ROOT);
      return row -> row.aclCategories().stream().anyMatch(other -> other.word().equals(word));
    }
  },
  PATTERN {
    @Override
    public Predicate<Command> by(String pattern) {
      GlobPattern names = new GlobPattern(pattern.toLowerCase(Locale.ROOT));
      return row -> names.matches(row.name());
    }
  };

  /** Whether a row passes; none does if the argument names nothing that is known. */
  public abstract Predicate<Command> by(String argument);

  /** The filter of this name, in any case; null if there is none. */
  public static @Nullable CommandFilter of(String name) {
    for (CommandFilter filter : values()) {
      if (filter.name().equals(name.toUpperCase(Locale.ROOT))) {
        return filter;
      }
    }
    return null;
  }
}
