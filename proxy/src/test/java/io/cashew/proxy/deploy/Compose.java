package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RepositoryFiles;
import io.cashew.proxy.testing.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;

/** What must hold of each compose file. Stateless. */
final class Compose {
  private Compose() {}

  /** Each volume is a file that is there, or one that the compose file names. */
  static void assertMountsAreThere(String directory) throws IOException {
    YamlValue compose = YamlValue.document(directory + "compose.yml");
    Set<String> volumes = new HashSet<>(compose.get("volumes").keys());
    for (String service : compose.get("services").keys()) {
      for (YamlValue volume : compose.get("services", service).items("volumes")) {
        String source = ((String) volume.value()).split(":", -1)[0];
        assertTrue(
            source.startsWith(".")
                ? Files.exists(RepositoryFiles.path(directory + source))
                : volumes.contains(source),
            volume.where() + " names neither a file nor a volume: " + source);
      }
    }
  }
}
