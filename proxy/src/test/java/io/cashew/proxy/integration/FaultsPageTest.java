package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages of faults and of tests name tests that there are. */
final class FaultsPageTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

  @Test
  void eachTestThatIsNamedExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String file : RepositoryFiles.below("proxy/src/test/java")) {
      if (file.endsWith("Test.java")) {
        String name = String.valueOf(Path.of(file).getFileName());
        sources.put(name.substring(0, name.length() - ".java".length()), file);
      }
    }
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String page : List.of("docs/faults.md", "docs/testing.md")) {
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
