package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One picture of {@code cashew top} as plain text, whole, for {@code --once} and where there is no
 * terminal.
 *
 * @param figures what is shown
 * @param events what has happened, the newest first, as {@code /api/events} says it
 */
record TopView(TopFigures figures, List<Config> events) {

  /** The lines of the picture. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(figures.heading());
    for (TopPool pool : figures.pools()) {
      lines.add("");
      lines.addAll(lines(pool));
    }
    if (!events.isEmpty()) {
      lines.add("");
      events.forEach(event -> lines.add(TopText.event(event)));
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  private static List<String> lines(TopPool pool) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "pool %s (%s)  clients %d  requests/s %s  in %s/s  out %s/s  in flight %d  errors/s %s"
                + "  slow/s %s  p50 %s  p99 %s",
            pool.name(),
            pool.listen(),
            pool.clients(),
            TopText.number(pool.requests()),
            TopText.bytes(pool.requestBytes()),
            TopText.bytes(pool.replyBytes()),
            pool.inFlight(),
            TopText.number(pool.errors()),
            TopText.number(pool.slow()),
            pool.p50().text(),
            pool.p99().text()));
    List<TopColumn> columns =
        TopColumn.all().stream().filter(column -> column != TopColumn.POOL).toList();
    TextTable table = new TextTable(3, columns.stream().map(TopColumn::heading).toList());
    pool.nodes().forEach(node -> table.add(columns.stream().map(c -> c.text(node)).toList()));
    table.lines().forEach(line -> lines.add("  " + line));
    return lines;
  }
}
