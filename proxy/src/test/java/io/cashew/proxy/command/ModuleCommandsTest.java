package io.cashew.proxy.command;

import static io.cashew.proxy.command.Requests.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.resp.RequestFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleCommandsTest {
  private static List<String> keys(String request) {
    RequestFrame frame = frame(Requests.words(request));
    Command command = CommandTable.standard().find(frame);
    assertNotNull(command, request);
    assertTrue(command.arityMatches(frame.argc()), request);
    KeyPositions keys = new KeyPositions();
    if (!command.keys(frame, keys)) {
      return List.of(String.valueOf(keys.error()));
    }
    List<String> found = new ArrayList<>();
    for (int i = 0; i < keys.count(); i++) {
      found.add(Requests.words(request)[keys.index(i)]);
    }
    return found;
  }

  private static Kind kind(String name) {
    Command command = CommandTable.standard().find(name);
    assertNotNull(command, name);
    return command.kind();
  }

  @Test
  void keysAreWhereTheModulesHaveThem() {
    assertEquals(List.of("k"), keys("JSON.SET k $ 1"));
    assertEquals(List.of("k"), keys("JSON.GET k"));
    assertEquals(List.of("a", "b"), keys("JSON.MGET a b $.x"));
    assertEquals(List.of("a", "b"), keys("JSON.MSET a $ 1 b $ 2"));
    assertEquals(List.of("k"), keys("JSON.DEBUG MEMORY k $"));
    assertEquals(List.of(), keys("JSON.DEBUG HELP"));
    assertEquals(List.of("k"), keys("BF.MADD k a b"));
    assertEquals(List.of("k"), keys("TDIGEST.QUANTILE k 0.5"));
    assertEquals(List.of("d", "a", "b"), keys("CMS.MERGE d 2 a b WEIGHTS 1 2"));
    assertEquals(List.of("d", "a"), keys("TDIGEST.MERGE d 1 a OVERRIDE"));
    assertEquals(List.of("a", "b"), keys("TS.MADD a 1 1 b 1 2"));
    assertEquals(List.of("a", "b"), keys("TS.CREATERULE a b AGGREGATION avg 60000"));
    assertEquals(List.of("s"), keys("FT.SUGADD s text 1"));
  }

  @Test
  void aCountOfKeysThatCannotBeIsAnError() {
    assertEquals(
        List.of("ERR Number of keys can't be greater than number of args"),
        keys("CMS.MERGE d 3 a b"));
    assertEquals(
        List.of("ERR value is not an integer or out of range"), keys("TDIGEST.MERGE d x a"));
  }

  @Test
  void whatAnswersForAllKeysNeedsOneNode() {
    assertEquals(Kind.ONE_NODE, kind("ft.search"));
    assertEquals(Kind.ONE_NODE, kind("ft.create"));
    assertEquals(Kind.ONE_NODE, kind("ts.mrange"));
    assertEquals(Kind.FORWARD, kind("ts.range"));
    assertEquals(Kind.FORWARD, kind("ft.sugget"));
  }

  /** A pair of key and value is an affair of Redis's own commands; modules count otherwise. */
  @Test
  void everyRowIsMarkedAndKnowsItsModule() {
    List<Command> rows = ModuleCommands.rows();
    assertTrue(rows.size() > 120, "rows: " + rows.size());
    for (Command row : rows) {
      assertTrue(row.has(CommandFlag.MODULE), row.name());
      assertNotNull(ModuleCommands.moduleOf(row), row.name());
      assertFalse(row.has(CommandFlag.READONLY) && row.has(CommandFlag.WRITE), row.name());
    }
  }
}
