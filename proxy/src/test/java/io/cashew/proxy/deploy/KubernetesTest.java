package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The manifests agree with each other and with the configuration that they hand to the proxy. */
class KubernetesTest {

  private static final String DIRECTORY = "deploy/kubernetes";
  private static final String NAME = "app.kubernetes.io/name";

  private static YamlValue manifest(String kind, String name) throws IOException {
    List<YamlValue> found = new ArrayList<>();
    for (String file : RepositoryFiles.below(DIRECTORY)) {
      for (YamlValue document : YamlValue.documents(file)) {
        if (document.text("kind").equals(kind)
            && (kind.equals("Kustomization") || document.text("metadata", "name").equals(name))) {
          found.add(document);
        }
      }
    }
    assertEquals(1, found.size(), kind + " " + name);
    return found.get(0);
  }

  private static YamlValue deployment() throws IOException {
    return manifest("Deployment", "cashew");
  }

  private static YamlValue container() throws IOException {
    return deployment().get("spec", "template", "spec").items("containers").get(0);
  }

  private static Settings settings() throws Exception {
    return HoconReader.read(
        manifest("ConfigMap", "cashew").text("data", "cashew.conf"), "configmap.yaml");
  }

  @Test
  void everyManifestIsListed() throws IOException {
    Set<String> files =
        RepositoryFiles.below(DIRECTORY).stream()
            .map(file -> file.substring(DIRECTORY.length() + 1))
            .filter(file -> !file.equals("kustomization.yaml"))
            .collect(Collectors.toSet());
    assertEquals(
        new TreeSet<>(files),
        manifest("Kustomization", "").items("resources").stream()
            .map(resource -> (String) resource.value())
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void theConfigurationListensWhereTheContainerSays() throws Exception {
    Settings settings = settings();
    Address.Tcp admin = (Address.Tcp) settings.admin().listen().orElseThrow();
    Address.Tcp pool = (Address.Tcp) settings.pools().get(0).listen();
    assertEquals("0.0.0.0", admin.host());
    assertEquals("0.0.0.0", pool.host());
    assertEquals(
        List.of("redis " + pool.port(), "admin " + admin.port()),
        container().items("ports").stream()
            .map(port -> port.text("name") + " " + port.number("containerPort"))
            .toList());
  }

  @Test
  void theConfigurationIsMountedWhereItIsRead() throws IOException {
    List<String> arguments =
        container().items("args").stream().map(argument -> (String) argument.value()).toList();
    YamlValue mount = container().items("volumeMounts").get(0);
    assertEquals(List.of("serve", "-c", mount.text("mountPath") + "/cashew.conf"), arguments);
    YamlValue volume = deployment().get("spec", "template", "spec").items("volumes").get(0);
    assertEquals(mount.text("name"), volume.text("name"));
    assertEquals("cashew", volume.text("configMap", "name"));
  }

  @Test
  void thereIsAWorkerForEachProcessorThatIsRequested() throws Exception {
    assertEquals(
        String.valueOf(settings().workers().count()),
        container().text("resources", "requests", "cpu"));
  }

  @Test
  void aPodThatGoesHasTheTimeToDrain() throws Exception {
    long graceMillis =
        1000L * deployment().number("spec", "template", "spec", "terminationGracePeriodSeconds");
    Settings settings = settings();
    assertTrue(
        settings.drain().delayMillis() + settings.drain().timeoutMillis() + 5000 <= graceMillis);
  }

  @Test
  void aPodThatGoesServesUntilItsProbeHasFailed() throws Exception {
    YamlValue probe = container().get("readinessProbe");
    long noticedMillis = 1000L * probe.number("periodSeconds") * probe.number("failureThreshold");
    assertTrue(noticedMillis < settings().drain().delayMillis());
  }

  @Test
  void probesAskForHealthToLiveAndForReadinessToBeSentClients() throws IOException {
    YamlValue container = container();
    assertEquals("/readyz", container.text("startupProbe", "httpGet", "path"));
    assertEquals("/healthz", container.text("livenessProbe", "httpGet", "path"));
    assertEquals("/readyz", container.text("readinessProbe", "httpGet", "path"));
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertEquals("admin", container.text(probe, "httpGet", "port"));
    }
  }

  @Test
  void everySelectorFindsThePods() throws IOException {
    YamlValue pods = deployment().get("spec", "template", "metadata", "labels");
    assertEquals(List.of(NAME), pods.keys());
    List<YamlValue> selectors =
        List.of(
            deployment().get("spec", "selector", "matchLabels"),
            manifest("Service", "cashew").get("spec", "selector"),
            manifest("Service", "cashew-admin").get("spec", "selector"),
            manifest("PodDisruptionBudget", "cashew").get("spec", "selector", "matchLabels"),
            manifest("NetworkPolicy", "cashew").get("spec", "podSelector", "matchLabels"));
    for (YamlValue selector : selectors) {
      assertEquals(pods.value(), selector.value(), selector.where());
    }
    assertEquals(
        "cashew",
        manifest("HorizontalPodAutoscaler", "cashew").text("spec", "scaleTargetRef", "name"));
  }

  @Test
  void prometheusFindsTheServiceOfTheAdminAddressAndCallsItsJobCashew() throws IOException {
    YamlValue monitor = manifest("ServiceMonitor", "cashew").get("spec");
    YamlValue service = manifest("Service", "cashew-admin");
    YamlValue kustomization = manifest("Kustomization", "");
    // kustomize gives every manifest the first label; the second is the service's own.
    String everywhere = kustomization.items("labels").get(0).get("pairs").text(NAME);
    assertEquals("cashew", everywhere);
    assertEquals(NAME, monitor.text("jobLabel"));
    assertEquals(everywhere, monitor.get("selector", "matchLabels").text(NAME));
    assertEquals(
        service.get("metadata", "labels").text("app.kubernetes.io/component"),
        monitor.get("selector", "matchLabels").text("app.kubernetes.io/component"));
    assertEquals(
        service.get("spec").items("ports").get(0).text("name"),
        monitor.items("endpoints").get(0).text("port"));
  }
}
