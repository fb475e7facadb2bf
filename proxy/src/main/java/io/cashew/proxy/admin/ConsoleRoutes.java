package io.cashew.proxy.admin;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The console: a page for people that shows what {@code /api} says. It is part of the program and
 * holds nothing of the proxy's own, so everybody may have it; what it shows it asks for, with the
 * token if there is one. Whoever has given a token may act, too.
 */
public final class ConsoleRoutes {
  /** Where the page is. */
  static final String PAGE = "/console";

  /** Where the page is, too: its links are relative, and lead to the same files from both. */
  static final String ROOT = "/";

  private static final String HTML = "text/html; charset=utf-8";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
  private static final String SVG = "image/svg+xml";

  private static final List<ConsoleFile> FILES =
      List.of(
          new ConsoleFile(ROOT, "console.html", HTML),
          new ConsoleFile(PAGE, "console.html", HTML),
          below("console.css", CSS),
          below("console.js", JAVASCRIPT),
          below("actions.js", JAVASCRIPT),
          below("ask.js", JAVASCRIPT),
          below("chart.js", JAVASCRIPT),
          below("clients.js", JAVASCRIPT),
          below("config.js", JAVASCRIPT),
          below("dom.js", JAVASCRIPT),
          below("events.js", JAVASCRIPT),
          below("format.js", JAVASCRIPT),
          below("history.js", JAVASCRIPT),
          below("nodes.js", JAVASCRIPT),
          below("pool.js", JAVASCRIPT),
          below("ring.js", JAVASCRIPT),
          below("shards.js", JAVASCRIPT),
          below("table.js", JAVASCRIPT),
          below("icon.svg", SVG));

  /** Those of its files. */
  static final Set<String> PATHS =
      FILES.stream().map(ConsoleFile::path).collect(Collectors.toUnmodifiableSet());

  private ConsoleRoutes() {}

  private static ConsoleFile below(String name, String contentType) {
    return new ConsoleFile(PAGE + "/" + name, name, contentType);
  }

  /** A row for each of its files; one is in the index. */
  public static List<Route> of() {
    return FILES.stream()
        .map(
            file ->
                Route.get(
                    file.path(),
                    file.path().equals(ROOT) ? "the console: a page for a browser" : "",
                    file::reply))
        .toList();
  }
}
