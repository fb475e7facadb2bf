package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The examples with Sentinels: Cashew's configuration follows what the Sentinels watch. */
class SentinelExamplesTest {

  private static final String COMPOSE = "deploy/sentinel/";
  private static final String KUBERNETES = "deploy/kubernetes-sentinel/";

  private static YamlValue manifest(String file, String kind, String name) throws IOException {
    List<YamlValue> found =
        YamlValue.documents(KUBERNETES + file).stream()
            .filter(
                each ->
                    each.text("kind").equals(kind) && each.text("metadata", "name").equals(name))
            .toList();
    assertEquals(1, found.size(), kind + " " + name);
    return found.get(0);
  }

  private static PoolSettings composePool() throws Exception {
    return ConfigFile.read(RepositoryFiles.path(COMPOSE + "cashew.conf")).pools().get(0);
  }

  private static Settings kubernetes() throws Exception {
    return HoconReader.read(
        manifest("configmap.yaml", "ConfigMap", "cashew").text("data", "cashew.conf"),
        "configmap.yaml");
  }

  private static String sentinelsOfKubernetes() throws IOException {
    return manifest("sentinel.yaml", "ConfigMap", "sentinel").text("data", "sentinel.conf");
  }

  private static List<String> addresses(PoolSettings pool) {
    return pool.sentinel().addresses().stream().map(Address::text).toList();
  }

  private static Matcher match(String pattern, String text) {
    Matcher matcher = Pattern.compile("(?m)^" + pattern + "$").matcher(text);
    assertTrue(matcher.find(), pattern);
    return matcher;
  }

  /** The name and the quorum fit, and requests wait for longer than an election takes. */
  private static String primaryWatchedFor(PoolSettings pool, String sentinelConf) {
    Matcher monitor = match("sentinel monitor (\\S+) (\\S+) 6379 (\\d+)", sentinelConf);
    assertEquals(
        List.of(new NodePlace.OfMaster(monitor.group(1))),
        pool.nodes().stream().map(node -> node.place()).toList());
    int sentinels = pool.sentinel().addresses().size();
    assertEquals(sentinels / 2 + 1, Integer.parseInt(monitor.group(3)));
    Matcher down =
        match("sentinel down-after-milliseconds " + monitor.group(1) + " (\\d+)", sentinelConf);
    assertTrue(pool.health().failoverWaitMillis() >= Long.parseLong(down.group(1)) + 2000);
    return monitor.group(2);
  }

  @Test
  void cashewOfComposeAsksTheSentinelsOfComposeForTheMasterThatTheyWatch() throws Exception {
    YamlValue services = YamlValue.document(COMPOSE + "compose.yml").get("services");
    PoolSettings pool = composePool();
    assertEquals(
        services.keys().stream()
            .filter(name -> name.startsWith("sentinel-"))
            .map(name -> name + ":26379")
            .toList(),
        addresses(pool));
    String primary = primaryWatchedFor(pool, RepositoryFiles.text(COMPOSE + "sentinel.conf"));
    assertTrue(services.keys().contains(primary), primary);
  }

  @Test
  void whatComposeMountsIsThere() throws IOException {
    Compose.assertMountsAreThere(COMPOSE);
  }

  @Test
  void cashewOfKubernetesAsksThePodsOfTheSentinels() throws Exception {
    YamlValue sentinels = manifest("sentinel.yaml", "StatefulSet", "sentinel").get("spec");
    PoolSettings pool = kubernetes().pools().get(0);
    assertEquals(
        IntStream.range(0, sentinels.number("replicas"))
            .mapToObj(i -> "sentinel-" + i + "." + sentinels.text("serviceName") + ":26379")
            .toList(),
        addresses(pool));
    YamlValue servers = manifest("redis.yaml", "StatefulSet", "redis").get("spec");
    assertEquals(
        "redis-0." + servers.text("serviceName"), primaryWatchedFor(pool, sentinelsOfKubernetes()));
  }

  @Test
  void everySelectorFindsItsPods() throws IOException {
    for (String name : List.of("redis", "sentinel")) {
      String file = name + ".yaml";
      YamlValue set = manifest(file, "StatefulSet", name).get("spec");
      Object labels = set.get("template", "metadata", "labels").value();
      assertEquals(labels, set.get("selector", "matchLabels").value());
      assertEquals(labels, manifest(file, "Service", name).get("spec", "selector").value());
      assertEquals(
          labels,
          manifest(file, "PodDisruptionBudget", name)
              .get("spec", "selector", "matchLabels")
              .value());
    }
  }

  @Test
  void theConfigurationFitsThePodsThatItIsGivenTo() throws Exception {
    Settings here = kubernetes();
    String there =
        YamlValue.document("deploy/kubernetes/configmap.yaml").text("data", "cashew.conf");
    Settings original = HoconReader.read(there, "deploy/kubernetes/configmap.yaml");
    assertEquals(original.workers(), here.workers());
    assertEquals(original.drain(), here.drain());
    assertEquals(original.admin().listen(), here.admin().listen());
    assertEquals(original.pools().get(0).listen(), here.pools().get(0).listen());
  }

  @Test
  void kustomizePutsTheConfigurationInPlaceOfTheOriginal() throws Exception {
    String printed =
        InstalledTool.orSkip("kubectl", "kubernetes-client")
            .run(RepositoryFiles.path("deploy/kubernetes-sentinel"), "kustomize", ".");
    assertTrue(printed.contains("image: cashew:"), printed);
    assertTrue(printed.contains("master = shard1"), printed);
    assertEquals(1, printed.split("cashew\\.conf: \\|", -1).length - 1, printed);
  }
}
