package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages of faults, of tests and of security name tests and settings that there are. */
final class FaultsPageTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String directory : List.of("proxy/src/test/java", "dist/src/test/java")) {
      for (String file : RepositoryFiles.below(directory)) {
        String name = String.valueOf(Path.of(file).getFileName());
        sources.put(name.replace(".java", ""), file);
      }
    }
    return sources;
  }

  /** The second column of the checklist: a setting, or a file of the repository or of a package. */
  @Test
  void eachSettingOfTheChecklistExists() throws IOException {
    String settings = RepositoryFiles.text("docs/configuration.md");
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String line : RepositoryFiles.text("docs/security.md").lines().toList()) {
      String[] columns = line.split("\\|", -1);
      if (columns.length < 4 || columns[2].isBlank() || !columns[2].contains("`")) {
        continue;
      }
      for (String name : columns[2].replaceAll("[`, ]+", " ").strip().split(" ", -1)) {
        named++;
        boolean isSetting = settings.contains("| `" + name + "` |");
        boolean isFile =
            Files.exists(RepositoryFiles.path(name)) || name.startsWith("/etc/cashew/");
        boolean isOfARelease =
            RepositoryFiles.text("dist/release").contains(name.replace("…", "*"));
        if (!isSetting && !isFile && !isOfARelease) {
          missing.add(line + ": " + name);
        }
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(named > 30, "settings are named");
  }

  @Test
  void eachTestThatIsNamedExists() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String page : List.of("docs/faults.md", "docs/testing.md", "docs/security.md")) {
      Matcher names = NAME.matcher(RepositoryFiles.text(page));
      while (names.find()) {
        named++;
        String source = sources.get(names.group(1));
        if (source == null || !RepositoryFiles.text(source).contains(" " + names.group(2) + "(")) {
          missing.add(page + ": " + names.group());
        }
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(named > 50, "tests are named");
  }
}
