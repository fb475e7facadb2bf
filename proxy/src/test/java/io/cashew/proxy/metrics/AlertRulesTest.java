package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code deploy/prometheus}: alerts that fire when they should, about numbers that exist. */
class AlertRulesTest {

  private static final String DIRECTORY = "deploy/prometheus";
  private static final String RULES = DIRECTORY + "/alerts.yml";
  private static final String TESTS = DIRECTORY + "/alerts.test.yml";

  private final PublishedNames published = new PublishedNames();

  private static List<YamlValue> alerts() throws IOException {
    return YamlValue.document(RULES).items("groups").stream()
        .flatMap(group -> group.items("rules").stream())
        .toList();
  }

  private static List<YamlValue> tests() throws IOException {
    return YamlValue.document(TESTS).items("tests");
  }

  @TestFactory
  Stream<DynamicTest> alertsAskForWhatIsPublished() throws IOException {
    return alerts().stream()
        .map(
            alert ->
                DynamicTest.dynamicTest(
                    alert.text("alert"), () -> published.assertKnown(alert.text("expr"))));
  }

  @TestFactory
  Stream<DynamicTest> seriesOfTheAlertsOwnTestsArePublished() throws IOException {
    return tests().stream()
        .flatMap(test -> test.items("input_series").stream())
        .map(input -> input.text("series"))
        .distinct()
        .map(one -> DynamicTest.dynamicTest(one, () -> published.assertKnown(one)));
  }

  @Test
  void aQueryForWhatNobodyPublishesIsFound() {
    for (String wrong :
        List.of(
            "cashew_client > 1",
            "sum by (pol) (cashew_clients)",
            "cashew_error_replies_total{kind=\"slow\"}",
            "rate(cashew_node_latency_bucket[5m])")) {
      boolean found = false;
      try {
        published.assertKnown(wrong);
      } catch (AssertionError expected) {
        found = true;
      }
      assertTrue(found, wrong);
    }
  }

  @TestFactory
  Stream<DynamicTest> eachAlertSaysHowUrgentItIsAndWhatToDo() throws IOException {
    String page = RepositoryFiles.text("docs/operations.md");
    return alerts().stream()
        .map(
            alert ->
                DynamicTest.dynamicTest(
                    alert.text("alert"),
                    () -> {
                      String name = alert.text("alert");
                      assertTrue(
                          Set.of("page", "ticket").contains(alert.text("labels", "severity")));
                      assertFalse(alert.text("annotations", "summary").isEmpty());
                      assertEquals(
                          "docs/operations.md#" + name.toLowerCase(Locale.ROOT),
                          alert.text("annotations", "runbook_url"));
                      assertTrue(
                          page.contains("\n### " + name + "\n"),
                          "docs/operations.md has no heading for it");
                    }));
  }

  @Test
  void eachAlertIsSeenToFireInATest() throws IOException {
    assertEquals(
        alerts().stream().map(alert -> alert.text("alert")).collect(Collectors.toSet()),
        tests().stream()
            .flatMap(test -> test.items("alert_rule_test").stream())
            .filter(expected -> !expected.items("exp_alerts").isEmpty())
            .map(expected -> expected.text("alertname"))
            .collect(Collectors.toSet()));
  }

  @Test
  void theRulesForThePrometheusOperatorAreTheSame() throws IOException {
    String rules = RepositoryFiles.text(RULES);
    String groups = rules.substring(rules.indexOf("groups:\n"));
    RepositoryFiles.assertGenerated(
        "deploy/kubernetes/prometheusrule.yaml",
        """
        # Written from deploy/prometheus/alerts.yml, which is where to change it.
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          name: cashew
        spec:
        """
            + groups.replaceAll("(?m)^(?=.)", "  "),
        "AlertRulesTest");
  }

  @Test
  void promtoolAcceptsTheConfigurationAndTheRules() throws Exception {
    InstalledTool promtool = InstalledTool.orSkip("promtool", "prometheus");
    String printed =
        promtool.run(RepositoryFiles.path(DIRECTORY), "check", "config", "prometheus.yml");
    assertTrue(printed.contains(alerts().size() + " rules found"), printed);
  }

  @Test
  void promtoolRunsTheAlertsOwnTests() throws Exception {
    InstalledTool promtool = InstalledTool.orSkip("promtool", "prometheus");
    String printed =
        promtool.run(RepositoryFiles.path(DIRECTORY), "test", "rules", "alerts.test.yml");
    assertFalse(printed.contains("FAILED"), printed);
  }
}
