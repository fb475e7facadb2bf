package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples with a Cluster: Cashew's configuration is for the servers that there are. */
class ClusterExamplesTest {
  private static final String COMPOSE = "deploy/cluster/";
  private static final String KUBERNETES = "deploy/kubernetes-cluster/";

  private static YamlValue manifest(String file, String kind) throws IOException {
    List<YamlValue> found =
        YamlValue.documents(KUBERNETES + file).stream()
            .filter(each -> each.text("kind").equals(kind))
            .toList();
    assertEquals(1, found.size(), kind);
    return found.get(0);
  }

  private static List<String> seeds(PoolSettings pool) {
    return pool.cluster().seeds().stream().map(Address::text).toList();
  }

  /** Requests wait for longer than an election takes. */
  private static void isWaitedForAnElection(PoolSettings pool, String redisConf) {
    Matcher timeout = Pattern.compile("(?m)^cluster-node-timeout (\\d+)$").matcher(redisConf);
    assertTrue(timeout.find(), redisConf);
    assertTrue(pool.health().failoverWaitMillis() >= Long.parseLong(timeout.group(1)) + 2000);
    assertTrue(redisConf.contains("\ncluster-enabled yes\n"), redisConf);
  }

  @Test
  void theSeedsOfComposeAreServersOfCompose() throws Exception {
    PoolSettings pool =
        ConfigFile.read(RepositoryFiles.path(COMPOSE + "cashew.conf")).pools().get(0);
    YamlValue services = YamlValue.document(COMPOSE + "compose.yml").get("services");
    List<String> servers =
        services.keys().stream()
            .filter(name -> name.startsWith("redis-"))
            .map(name -> services.text(name, "networks", "cluster", "ipv4_address"))
            .toList();
    assertEquals(6, new HashSet<>(servers).size());
    List<String> created =
        services.get("create").items("command").stream()
            .map(each -> String.valueOf(each.value()))
            .toList();
    assertEquals(servers, created.subList(2, created.size()));
    assertEquals(servers.subList(0, 3).stream().map(at -> at + ":6379").toList(), seeds(pool));
    isWaitedForAnElection(pool, RepositoryFiles.text(COMPOSE + "redis.conf"));
  }

  @Test
  void whatComposeMountsIsThere() throws IOException {
    Compose.assertMountsAreThere(COMPOSE);
  }

  @Test
  void theSeedsOfKubernetesArePodsThatAnnounceTheirNames() throws Exception {
    String text = manifest("configmap.yaml", "ConfigMap").text("data", "cashew.conf");
    PoolSettings pool = HoconReader.read(text, "configmap.yaml").pools().get(0);
    YamlValue servers = manifest("redis.yaml", "StatefulSet").get("spec");
    assertEquals(6, servers.number("replicas"));
    String domain = servers.text("serviceName");
    assertEquals(
        List.of(0, 1, 2).stream().map(i -> domain + "-" + i + "." + domain + ":6379").toList(),
        seeds(pool));
    YamlValue configuration = manifest("redis.yaml", "ConfigMap");
    isWaitedForAnElection(pool, configuration.text("data", "redis.conf"));
    String start = configuration.text("data", "start");
    assertTrue(start.contains("--cluster-announce-hostname \"$HOSTNAME." + domain + "\""), start);
  }

  @Test
  void everySelectorFindsItsPods() throws IOException {
    YamlValue set = manifest("redis.yaml", "StatefulSet").get("spec");
    Object labels = set.get("template", "metadata", "labels").value();
    assertEquals(labels, set.get("selector", "matchLabels").value());
    assertEquals(labels, manifest("redis.yaml", "Service").get("spec", "selector").value());
    assertEquals(
        labels,
        manifest("redis.yaml", "PodDisruptionBudget")
            .get("spec", "selector", "matchLabels")
            .value());
  }
}
