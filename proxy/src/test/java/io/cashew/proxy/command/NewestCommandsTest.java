package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The rows beside what the newest Redis and Valkey publish of all their commands and modules
 * ({@code golden/newest_commands.tsv}): none is unknown here, none is refused for arguments that
 * they take, and keys are looked for where theirs are.
 */
class NewestCommandsTest {
  /** What goes to nodes by its keys. */
  private static final Set<Kind> BY_KEYS = EnumSet.of(Kind.FORWARD, Kind.SPLIT, Kind.BLOCKING);

  /** Modules that have been given up, or names that only their own cluster speaks. */
  private static final Set<String> OUTSIDE = Set.of("ft.safeadd", "ft.synadd", "ft.cursor");

  private final CommandTable table = CommandTable.standard();

  private record Published(String name, int arity, String keys) {}

  private static List<Published> newest() throws IOException {
    try (InputStream in =
        NewestCommandsTest.class.getResourceAsStream("/golden/newest_commands.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .map(fields -> new Published(fields[0], Integer.parseInt(fields[1]), fields[2]))
          .filter(published -> !OUTSIDE.contains(published.name()))
          .toList();
    }
  }

  @Test
  void everyCommandHasARow() throws IOException {
    assertTrue(newest().size() > 550, "the whole of the golden file");
    assertEquals(
        List.of(),
        newest().stream().map(Published::name).filter(name -> table.find(name) == null).toList());
  }

  @Test
  void nothingThatTheyTakeIsRefusedForItsNumberOfArguments() throws IOException {
    List<String> refused = new ArrayList<>();
    for (Published published : newest()) {
      Command row = table.find(published.name());
      int least = Math.abs(published.arity());
      if (row != null && !row.takes(least) && !(row.has(CommandFlag.MODULE) && least == 1)) {
        refused.add(published.name() + " with " + least);
      }
      int more = least + (row == null ? 0 : Math.max(1, row.keyStep()));
      if (row != null && published.arity() < 0 && !row.takes(more)) {
        refused.add(published.name() + " with " + more);
      }
    }
    assertEquals(List.of(), refused);
  }

  /** Where a newer server may know what more arguments mean, only it can tell. */
  @Test
  void whatANodeCarriesOutTakesMoreArgumentsThanItsArity() {
    for (Command row : table.all()) {
      boolean here = row.kind() == Kind.LOCAL || row.kind() == Kind.TRANSACTION;
      boolean readHere = row.name().equals("wait") || row.name().equals("waitaof");
      if (row.arity() > 0) {
        assertEquals(!here && !readHere, row.takes(row.arity() + 2), row.name());
      }
      assertFalse(row.takes(Math.abs(row.arity()) - 1), row.name());
    }
  }

  @Test
  void keysAreWhereTheySayThatTheyAre() throws IOException {
    List<String> differences = new ArrayList<>();
    for (Published published : newest()) {
      Command row = table.find(published.name());
      if (row == null
          || row.has(CommandFlag.MODULE) // of which the first key is published, and no more
          || !BY_KEYS.contains(row.kind())
          || published.keys().contains("*")) {
        continue;
      }
      String ours = row.keySpecs().stream().map(this::words).collect(Collectors.joining(" "));
      if (!published.keys().equals(ours.isEmpty() ? "-" : ours)) {
        differences.add(published + " but " + ours);
      }
    }
    assertEquals(List.of(), differences);
  }

  private String words(KeySpec spec) {
    if (spec instanceof KeySpec.Range range) {
      KeyRange keys = range.range();
      return keys.first() + ".." + keys.last() + "/" + keys.step();
    }
    return spec instanceof KeySpec.Counted counted ? counted.at() + "#" + counted.step() : "*";
  }
}
