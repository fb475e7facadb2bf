package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each file is what its reader accepts: YAML here, the rest by the program that will read it. */
class WellFormedTest {

  @TestFactory
  Stream<DynamicTest> everyManifestIsYaml() throws IOException {
    List<String> files =
        RepositoryFiles.below("deploy").stream()
            .filter(file -> file.matches(".*\\.(yml|yaml|json)"))
            .filter(file -> !file.contains("/templates/")) // HelmChartTest renders these first
            .toList();
    assertTrue(files.size() > 12, files.toString());
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file, () -> assertFalse(YamlValue.documents(file).isEmpty())));
  }

  @Test
  void haproxyAcceptsItsConfiguration() throws Exception {
    InstalledTool.orSkip("haproxy", "haproxy")
        .run(RepositoryFiles.path("deploy/haproxy"), "-c", "-f", "haproxy.cfg");
  }

  @Test
  void systemdAcceptsTheUnits(@TempDir Path directory) throws Exception {
    for (String name : List.of("cashew.service", "cashew@.service")) {
      String unit =
          RepositoryFiles.text("deploy/systemd/" + name)
              .replace("/opt/cashew/bin/cashew", "/bin/true")
              .replaceAll("(?m)^Documentation=.*\n", "");
      String instance = name.replace("@", "@a");
      Files.writeString(directory.resolve(instance), unit);
      String printed =
          InstalledTool.orSkip("systemd-analyze", "systemd")
              .run(directory, "verify", "--man=no", directory.resolve(instance).toString());
      assertFalse(printed.contains(instance + ":"), printed);
    }
  }

  @Test
  void kustomizeMakesOneSetOfAllManifests() throws Exception {
    String printed =
        InstalledTool.orSkip("kubectl", "kubernetes-client")
            .run(RepositoryFiles.path("deploy/kubernetes"), "kustomize", ".");
    assertTrue(printed.contains("image: cashew:"), printed);
  }
}
