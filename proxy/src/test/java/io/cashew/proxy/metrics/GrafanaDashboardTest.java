package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard is written from the rows, and asks for nothing that is not published. */
class GrafanaDashboardTest {

  private static final String FILE = "deploy/grafana/cashew.json";
  private static final int COLUMNS = 24;

  @BeforeAll
  static void writeItBeforeItIsRead() throws IOException {
    RepositoryFiles.writeIfAsked(FILE, GrafanaDashboard.json());
  }

  @Test
  void theDashboardIsWrittenFromTheRows() throws IOException {
    RepositoryFiles.assertGenerated(FILE, GrafanaDashboard.json(), "GrafanaDashboardTest");
  }

  @TestFactory
  Stream<DynamicTest> queriesAskForWhatIsPublished() throws IOException {
    PublishedNames published = new PublishedNames();
    return queries().stream()
        .distinct()
        .map(query -> DynamicTest.dynamicTest(query, () -> published.assertKnown(query)));
  }

  @Test
  void variablesListWhatIsPublished() throws IOException {
    PublishedNames published = new PublishedNames();
    List<YamlValue> variables = YamlValue.document(FILE).get("templating").items("list");
    assertEquals(
        List.of("datasource", "instance", "pool", "node"),
        variables.stream().map(variable -> variable.text("name")).toList());
    for (YamlValue variable : variables.subList(1, variables.size())) {
      String asked = variable.text("definition");
      assertTrue(asked.startsWith("label_values(") && asked.endsWith(")"), asked);
      int comma = asked.lastIndexOf(',');
      String series = asked.substring("label_values(".length(), comma);
      String label = asked.substring(comma + 1, asked.length() - 1).strip();
      published.assertKnown("count by (" + label + ") (" + series + ")");
    }
  }

  @Test
  void everyRowIsShown() throws IOException {
    Set<String> shown =
        queries().stream()
            .flatMap(query -> PrometheusQuery.of(query).metrics().stream())
            .collect(Collectors.toSet());
    Set<String> hidden = new TreeSet<>();
    Metrics.all()
        .filter(row -> !shown.contains(row.name()) && !shown.contains(row.name() + "_bucket"))
        .forEach(row -> hidden.add(row.name()));
    assertEquals(Set.of(), hidden);
  }

  @Test
  void panelsHaveTheirOwnNumbersAndDoNotOverlap() throws IOException {
    Set<Integer> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    for (YamlValue panel : panels()) {
      assertTrue(ids.add(panel.number("id")), "twice: panel " + panel.number("id"));
      int x = panel.number("gridPos", "x");
      int y = panel.number("gridPos", "y");
      for (int column = x; column < x + panel.number("gridPos", "w"); column++) {
        assertTrue(column < COLUMNS, "too wide: " + panel.text("title"));
        for (int line = y; line < y + panel.number("gridPos", "h"); line++) {
          assertTrue(cells.add(column + " " + line), "overlaps: " + panel.text("title"));
        }
      }
    }
  }

  @Test
  void promtoolAcceptsTheQueries(@TempDir Path directory) throws Exception {
    InstalledTool promtool = InstalledTool.orSkip("promtool", "prometheus");
    StringBuilder rules = new StringBuilder("groups:\n- name: queries\n  rules:\n");
    int number = 0;
    for (String query : queries()) {
      rules
          .append("  - record: query")
          .append(number++)
          .append("\n    expr: ")
          .append(Json.text(query.replace("$__rate_interval", "1m")))
          .append('\n');
    }
    Files.writeString(directory.resolve("queries.yml"), rules);
    String printed = promtool.run(directory, "check", "rules", "queries.yml");
    assertTrue(printed.contains(number + " rules found"), printed);
  }

  /** All panels, those of folded sections too. */
  private static List<YamlValue> panels() throws IOException {
    List<YamlValue> all = new ArrayList<>();
    for (YamlValue panel : YamlValue.document(FILE).items("panels")) {
      all.add(panel);
      all.addAll(panel.items("panels"));
    }
    return all;
  }

  private static List<String> queries() throws IOException {
    List<String> queries =
        panels().stream()
            .flatMap(panel -> panel.items("targets").stream())
            .map(target -> target.text("expr"))
            .toList();
    assertTrue(queries.size() > 40, "the dashboard has lost its queries");
    return queries;
  }
}
