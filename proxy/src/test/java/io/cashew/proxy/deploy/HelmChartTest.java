package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.TestCertificates;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart, as Helm itself renders it, agrees with the manifests and with the configuration. */
class HelmChartTest {
  private static final String DIRECTORY = "deploy/helm/cashew";
  private static final Path CHART = RepositoryFiles.path(DIRECTORY);

  private static TemplateCommand template(String values) {
    TemplateCommand command = new Helm(CHART).template().withName("cashew");
    return values.isEmpty() ? command : command.withValuesFile(CHART.resolve(values));
  }

  private static List<YamlValue> rendered(TemplateCommand command) {
    return YamlValue.documents(DIRECTORY, command.call());
  }

  private static YamlValue one(List<YamlValue> documents, String kind) {
    List<YamlValue> found =
        documents.stream().filter(each -> each.text("kind").equals(kind)).toList();
    assertFalse(found.isEmpty(), kind);
    return found.get(0);
  }

  private final Path secrets;

  HelmChartTest(@TempDir Path secrets) {
    this.secrets = secrets;
  }

  /** The configuration that the pod reads, with the secrets that it is given. */
  private Settings settings(List<YamlValue> documents) throws Exception {
    new TestCertificates(secrets).issue("tls");
    Files.move(secrets.resolve("tls.pem"), secrets.resolve("tls.crt"));
    return HoconReader.read(
        one(documents, "ConfigMap")
            .text("data", "cashew.conf")
            .replace("${APP_PASSWORD}", "\"secret\"")
            .replace("/etc/cashew-tls", secrets.toString()),
        "configmap");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "values-sentinel.yaml", "values-cluster.yaml", "values-cache.yaml"})
  void eachExampleIsAConfigurationAndWhatItListensAtIsAPort(String values) throws Exception {
    List<YamlValue> documents = rendered(template(values));
    Settings settings = settings(documents);
    PoolSettings pool = settings.pools().get(0);
    assertEquals("0.0.0.0:22121", pool.listen().text());
    YamlValue spec = one(documents, "Deployment").get("spec", "template", "spec");
    YamlValue container = spec.items("containers").get(0);
    assertEquals(
        List.of("redis 22121", "admin 22222"),
        container.items("ports").stream()
            .map(port -> port.text("name") + " " + port.number("containerPort"))
            .toList());
    long grace = 1000L * spec.number("terminationGracePeriodSeconds");
    assertTrue(settings.drain().delayMillis() + settings.drain().timeoutMillis() + 5000 <= grace);
    assertEquals(
        String.valueOf(settings.workers().count()), container.text("resources", "requests", "cpu"));
  }

  @Test
  void itHasWhatTheManifestsHave() throws IOException {
    TreeSet<String> kinds = new TreeSet<>();
    for (String file : RepositoryFiles.below("deploy/kubernetes")) {
      YamlValue.documents(file).forEach(each -> kinds.add(each.text("kind")));
    }
    kinds.remove("Kustomization");
    kinds.add("Secret");
    assertEquals(
        kinds,
        rendered(template("values-cache.yaml")).stream()
            .map(each -> each.text("kind"))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void helmFindsNothingToSay() {
    LintResult result = new Helm(CHART).lint().strict().quiet().call();
    assertFalse(result.isFailed(), () -> String.valueOf(result.getMessages()));
  }

  @ParameterizedTest
  @CsvSource({"no.such, 1", "workers, 0", "service.type, Sometimes", "ports[0].name, admin"})
  void aValueThatIsWrongIsRefused(String name, String value) {
    TemplateCommand command = template("").set(name, value);
    RuntimeException refused = assertThrows(RuntimeException.class, command::call);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("schema"),
        String.valueOf(refused.getMessage()));
  }

  @Test
  void secretsAndCertificatesReachThePod() {
    List<YamlValue> documents = rendered(template("values-cache.yaml"));
    YamlValue spec = one(documents, "Deployment").get("spec", "template", "spec");
    YamlValue secret = one(documents, "Secret");
    YamlValue from = spec.items("containers").get(0).items("envFrom").get(0);
    assertEquals(secret.text("metadata", "name"), from.text("secretRef", "name"));
    assertEquals("change-me", secret.text("stringData", "APP_PASSWORD"));
    assertTrue(
        spec.items("volumes").stream()
            .anyMatch(
                each ->
                    each.has("secret") && each.text("secret", "secretName").equals("cashew-tls")));
    List<YamlValue> existing =
        rendered(template("").set("secret.existing", "theirs").set("autoscaling.enabled", "false"));
    YamlValue deployment = one(existing, "Deployment");
    assertEquals(2, deployment.number("spec", "replicas"));
    assertEquals(
        "theirs",
        deployment
            .get("spec", "template", "spec")
            .items("containers")
            .get(0)
            .items("envFrom")
            .get(0)
            .text("secretRef", "name"));
    assertTrue(existing.stream().noneMatch(each -> each.text("kind").equals("Secret")));
  }

  @Test
  void theAlertsAreThoseOfPrometheus() throws IOException {
    assertEquals(
        RepositoryFiles.text("deploy/prometheus/alerts.yml"),
        RepositoryFiles.text(DIRECTORY + "/alerts.yml"),
        "copy deploy/prometheus/alerts.yml to " + DIRECTORY);
    YamlValue rule = one(rendered(template("values-cache.yaml")), "PrometheusRule");
    assertEquals(
        YamlValue.document("deploy/prometheus/alerts.yml").get("groups").value(),
        rule.get("spec", "groups").value());
  }

  /** An alert's page is where the documents are published; without that it is their path. */
  @Test
  void runbooksAreWhereTheValuesSay() throws IOException {
    List<String> paths = runbooks(YamlValue.document("deploy/prometheus/alerts.yml"));
    assertFalse(paths.isEmpty());
    assertTrue(paths.stream().allMatch(path -> path.startsWith("docs/operations.md#")), "" + paths);
    String base = "https://wiki.example/cashew/";
    YamlValue rule =
        one(
            rendered(template("values-cache.yaml").set("metrics.prometheusRule.runbookBase", base)),
            "PrometheusRule");
    assertEquals(paths.stream().map(path -> base + path).toList(), runbooks(rule.get("spec")));
  }

  private static List<String> runbooks(YamlValue groups) {
    return groups.items("groups").stream()
        .flatMap(group -> group.items("rules").stream())
        .filter(rule -> rule.has("alert"))
        .map(rule -> rule.text("annotations", "runbook_url"))
        .toList();
  }

  @Test
  void everyValueIsInTheSchema() throws IOException {
    assertEquals(
        new TreeSet<>(YamlValue.document(DIRECTORY + "/values.yaml").keys()),
        YamlValue.document(DIRECTORY + "/values.schema.json").get("properties").keys().stream()
            .filter(key -> !key.equals("global")) // Helm's own
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
