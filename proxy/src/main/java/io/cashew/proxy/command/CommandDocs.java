package io.cashew.proxy.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Redis's documentation says of each command in a line. Immutable, shared by all threads; read
 * from the class path when the class is first used.
 *
 * @param since the Redis version that brought the command
 * @param summary one sentence
 */
record CommandDocs(String since, String summary) {
  private static final Map<String, CommandDocs> ALL = read();

  /** Null for a command that is not of Redis itself. */
  static @Nullable CommandDocs of(Command command) {
    return ALL.get(command.name());
  }

  static Map<String, CommandDocs> all() {
    return ALL;
  }

  private static Map<String, CommandDocs> read() {
    Map<String, CommandDocs> docs = new HashMap<>();
    text()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t"))
        .forEach(fields -> docs.put(fields[0], new CommandDocs(fields[1], fields[2])));
    return Collections.unmodifiableMap(docs);
  }

  private static String text() {
    try (InputStream in = CommandDocs.class.getResourceAsStream("summaries.tsv")) {
      if (in == null) {
        throw new IllegalStateException("summaries.tsv is missing from the jar: build it again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("summaries.tsv: cannot be read from the jar", e);
    }
  }
}
