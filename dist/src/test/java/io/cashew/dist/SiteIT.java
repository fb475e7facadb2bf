package io.cashew.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The pages of the documents lead nowhere that is not there, and need no network. */
final class SiteIT {
  private static final Pattern LINK = Pattern.compile("(href|src)=\"([^\"]*)\"");
  private static final Pattern RUNBOOK =
      Pattern.compile("runbook_url: docs/operations\\.md#(\\S+)");

  /** By file. */
  private static final Map<Path, String> PAGES = new TreeMap<>();

  /** Where they are in what is installed, so that links to other files of it can be followed. */
  private static Path site = Path.of("");

  @BeforeAll
  static void read() throws IOException {
    try (var built = Files.newDirectoryStream(Path.of("target"), "cashew-*")) {
      for (Path each : built) {
        Path pages = each.resolve(each.getFileName()).resolve("docs/html");
        if (Files.isDirectory(pages)) {
          site = pages;
        }
      }
    }
    try (var pages = Files.newDirectoryStream(site, "*.html")) {
      for (Path each : pages) {
        PAGES.put(each.normalize(), Files.readString(each));
      }
    }
    assertTrue(PAGES.size() > 10, () -> "pages: " + PAGES.keySet());
  }

  private static List<String> links(String page) {
    return LINK.matcher(page).results().map(link -> link.group(2)).toList();
  }

  @Test
  void everyLinkLeadsToAFileAndAHeadingThatAreThere() {
    List<String> broken = new ArrayList<>();
    PAGES.forEach(
        (file, page) -> {
          for (String link : links(page)) {
            if (!link.matches("https?://.*") && !leadsSomewhere(file, link)) {
              broken.add(file.getFileName() + ": " + link);
            }
          }
        });
    assertEquals(List.of(), broken);
  }

  private static boolean leadsSomewhere(Path from, String link) {
    String[] parts = link.split("#", 2);
    Path to = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
    if (parts.length == 1) {
      return Files.exists(to);
    }
    String page = PAGES.get(to);
    return page != null && page.contains(" id=\"" + parts[1] + "\"");
  }

  @Test
  void nothingIsFetchedToShowAPage() throws IOException {
    for (Map.Entry<Path, String> each : PAGES.entrySet()) {
      List<String> fetched =
          Pattern.compile("(<(?:img|link|script|iframe)\\b[^>]*)>")
              .matcher(each.getValue())
              .results()
              .map(MatchResult::group)
              .filter(tag -> tag.startsWith("<script") || tag.contains("=\"http"))
              .toList();
      assertEquals(List.of(), fetched, () -> "" + each.getKey());
    }
    String style = Files.readString(site.resolve("style.css"));
    assertTrue(!style.contains("url(") && !style.contains("@import"), style);
  }

  @Test
  void everyAlertHasItsSection() throws IOException {
    String alerts = Files.readString(site.resolve("../../deploy/prometheus/alerts.yml"));
    String operations = PAGES.getOrDefault(site.resolve("operations.html").normalize(), "");
    List<String> sections =
        RUNBOOK.matcher(alerts).results().map(found -> found.group(1)).distinct().toList();
    assertTrue(sections.size() > 20, () -> "" + sections);
    assertEquals(
        List.of(),
        sections.stream().filter(id -> !operations.contains(" id=\"" + id + "\"")).toList());
  }
}
