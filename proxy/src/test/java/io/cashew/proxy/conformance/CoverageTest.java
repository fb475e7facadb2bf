package io.cashew.proxy.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The scripts use every command that nodes carry out. */
final class CoverageTest {

  /** Commands that no script uses, and why. */
  private static final Map<String, String> NOT_COVERED =
      Map.of(
          "backup|help", "nodes of before Redis 8.10 do not know BACKUP, and any node is asked",
          "commandlog|help", "those of Redis do not know COMMANDLOG, and any node is asked",
          "script|show", "those of Redis do not know it: each says so in its own words");

  @Test
  void everyCommandThatNodesCarryOutIsInAScript() {
    Set<String> missing =
        CommandTable.standard().all().stream()
            .filter(CoverageTest::isCarriedOutByNodes)
            .filter(command -> !command.has(CommandFlag.MODULE)) // GeneratedScripts has them
            .map(Command::name)
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(covered());
    assertEquals(NOT_COVERED.keySet(), missing);
  }

  private static boolean isCarriedOutByNodes(Command command) {
    return switch (command.kind()) {
      case FORWARD, SPLIT, KEYSPACE, TRANSACTION, BLOCKING, PUBSUB -> true;
      case LOCAL, ADMIN, REFUSED, ONE_NODE -> false;
    };
  }

  private static Set<String> covered() {
    return Scripts.all()
        .map(Script::load)
        .flatMap(script -> script.steps().stream())
        .filter(Step::isRequest)
        .map(Step::arguments)
        .map(CoverageTest::named)
        .filter(name -> name != null)
        .collect(Collectors.toSet());
  }

  private static @Nullable String named(List<String> request) {
    if (request.isEmpty()) {
      return null;
    }
    String name = request.get(0).toLowerCase(Locale.ROOT);
    Command row = CommandTable.standard().find(name);
    return row != null && row.isContainer() && request.size() > 1
        ? name + "|" + request.get(1).toLowerCase(Locale.ROOT)
        : name;
  }
}
