package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The image and compose.yml, as far as they can be read without running them. */
class ContainersTest {

  private static final String DIRECTORY = "deploy/docker/";

  private static YamlValue compose() throws IOException {
    return YamlValue.document(DIRECTORY + "compose.yml");
  }

  private static Settings settings(String file) throws Exception {
    return ConfigFile.read(RepositoryFiles.path(DIRECTORY + file));
  }

  private static int port(Address address) {
    return ((Address.Tcp) address).port();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cashew.conf", "compose.conf"})
  void configurationsListenOnThePortsThatTheImageExposes(String file) throws Exception {
    Settings settings = settings(file);
    String exposed =
        "\nEXPOSE "
            + port(settings.pools().get(0).listen())
            + " "
            + port(settings.admin().listen().orElseThrow())
            + "\n";
    assertTrue(RepositoryFiles.text(DIRECTORY + "Dockerfile").contains(exposed), exposed);
  }

  @Test
  void theImageRunsWithoutRootAndIsAskedForItsHealthByAProgramThatItHas() throws IOException {
    String dockerfile = RepositoryFiles.text(DIRECTORY + "Dockerfile");
    Matcher user = Pattern.compile("(?m)^USER (.+)$").matcher(dockerfile);
    assertTrue(user.find());
    assertTrue(Integer.parseInt(user.group(1)) > 0, "a number, which Kubernetes can check");
    assertTrue(dockerfile.contains("CMD [\"/opt/cashew/bin/cashew-ready\"]"));
    assertTrue(Files.isExecutable(RepositoryFiles.path("bin/cashew-ready")));
  }

  @Test
  void filesThatTheImageCopiesAreThere() throws IOException {
    Matcher copy =
        Pattern.compile("(?m)^COPY (deploy/\\S+) ")
            .matcher(RepositoryFiles.text(DIRECTORY + "Dockerfile"));
    assertTrue(copy.find());
    do {
      assertTrue(Files.exists(RepositoryFiles.path(copy.group(1))), copy.group(1));
    } while (copy.find());
  }

  @Test
  void whatComposeMountsIsThere() throws IOException {
    YamlValue services = compose().get("services");
    Set<String> named = new HashSet<>(compose().get("volumes").keys());
    int files = 0;
    for (String service : services.keys()) {
      for (YamlValue volume : services.get(service).items("volumes")) {
        String source = ((String) volume.value()).split(":", -1)[0];
        if (source.startsWith(".")) {
          files++;
          assertTrue(Files.exists(RepositoryFiles.path(DIRECTORY + source)), source);
        } else {
          assertTrue(named.contains(source), volume.where() + " names no volume: " + source);
        }
      }
    }
    assertTrue(files >= 4, "the files are no longer found");
    YamlValue build = services.get("cashew", "build");
    assertTrue(
        Files.exists(
            RepositoryFiles.path(
                DIRECTORY + build.text("context") + "/" + build.text("dockerfile"))));
  }

  @Test
  void nodesScrapeTargetsAndDatasourcesAreServicesOfCompose() throws Exception {
    List<String> services = compose().get("services").keys();
    List<String> nodes =
        settings("compose.conf").pools().get(0).nodes().stream().map(NodeSettings::name).toList();
    assertEquals(services.subList(0, nodes.size()), nodes);
    String target =
        (String)
            YamlValue.document("deploy/prometheus/prometheus.yml")
                .items("scrape_configs")
                .get(0)
                .items("static_configs")
                .get(0)
                .items("targets")
                .get(0)
                .value();
    assertEquals("cashew:" + port(settings("compose.conf").admin().listen().orElseThrow()), target);
    assertEquals(
        "http://prometheus:9090",
        YamlValue.document("deploy/grafana/provisioning/datasources/prometheus.yml")
            .items("datasources")
            .get(0)
            .text("url"));
    assertTrue(services.containsAll(List.of("cashew", "prometheus", "grafana")));
  }

  @Test
  void theDashboardIsMountedWhereGrafanaLooks() throws IOException {
    String directory =
        YamlValue.document("deploy/grafana/provisioning/dashboards/cashew.yml")
            .items("providers")
            .get(0)
            .text("options", "path");
    assertTrue(
        compose().get("services", "grafana").items("volumes").stream()
            .anyMatch(
                volume ->
                    volume
                        .value()
                        .equals("../grafana/cashew.json:" + directory + "/cashew.json:ro")));
  }
}
