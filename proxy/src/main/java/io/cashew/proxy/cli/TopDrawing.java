package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * What {@code cashew top} draws on a terminal: figures, as a {@link TopScreen} has chosen them.
 *
 * @param figures what is shown
 * @param trouble why there are no newer figures; empty: there are
 * @param events what has happened, the newest first
 * @param screen what of it
 * @param width columns of the terminal
 * @param height lines of the terminal
 */
record TopDrawing(
    TopFigures figures,
    String trouble,
    List<Config> events,
    TopScreen screen,
    int width,
    int height) {
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle BOLD = PLAIN.bold();
  private static final AttributedStyle HEADING =
      PLAIN.foreground(AttributedStyle.BLACK).background(AttributedStyle.GREEN);
  private static final AttributedStyle SORTED =
      PLAIN.foreground(AttributedStyle.BLACK).background(AttributedStyle.CYAN);
  private static final AttributedStyle GOOD = PLAIN.foreground(AttributedStyle.GREEN);
  private static final AttributedStyle BAD = PLAIN.foreground(AttributedStyle.RED).bold();
  private static final AttributedStyle ODD = PLAIN.foreground(AttributedStyle.YELLOW).bold();

  private static final List<String> POOL_HEADINGS =
      List.of(
          "pool",
          "clients",
          "req/s",
          "in/s",
          "out/s",
          "in flight",
          "errors/s",
          "slow/s",
          "p50",
          "p99");

  private static final String GAP = "  ";
  private static final String KEYS =
      " h help  / filter  < > sort  r reverse  arrows scroll  e events  p pause  q quit";

  /** Fewer lines than this have nodes only. */
  private static final int TALL = 18;

  private static final int EVENTS_BELOW = 4;

  private static final List<String> HELP =
      List.of(
          "up down j k       scroll by a line",
          "page up, page down, space, home, end",
          "< >  left right   sort by the column before, behind",
          "r                 reverse the order; so does the key of the column that is sorted by",
          "/                 filter: nodes that have the text in pool, name, address or state",
          "Esc               no filter any more; back from a page",
          "e                 events, all that the proxy has told",
          "p                 pause: figures stay as they are",
          "h ? F1            this page",
          "q F10 Ctrl-C      quit",
          "",
          "sort by           " + sortKeys());

  private static String sortKeys() {
    return String.join(
        "  ", TopColumn.all().stream().map(each -> each.key() + " " + each.heading()).toList());
  }

  /** The lines, at most {@code height}, none longer than {@code width}. */
  List<AttributedString> lines() {
    List<AttributedString> lines = new ArrayList<>();
    lines.add(
        trouble.isEmpty()
            ? new AttributedString(figures.heading(), figures.ready() ? BOLD : BAD)
            : new AttributedString(trouble, BAD));
    switch (screen.page()) {
      case NODES, FILTER -> nodes(lines);
      case EVENTS -> {
        lines.add(new AttributedString(""));
        lines.addAll(scrolled(eventLines(events)));
      }
      case HELP -> {
        lines.add(new AttributedString(""));
        lines.addAll(scrolled(HELP.stream().map(AttributedString::new).toList()));
      }
      case QUIT -> {}
    }
    while (lines.size() < height - 1) {
      lines.add(new AttributedString(""));
    }
    List<AttributedString> fitting =
        new ArrayList<>(lines.subList(0, Math.max(0, Math.min(lines.size(), height - 1))));
    fitting.add(footer());
    return fitting.stream().map(line -> line.columnSubSequence(0, width)).toList();
  }

  /** How many lines scroll. */
  int rows() {
    return switch (screen.page()) {
      case NODES, FILTER -> Math.max(1, height - 1 - aboveNodes() - belowNodes());
      case EVENTS, HELP, QUIT -> Math.max(1, height - 3);
    };
  }

  /** How many there are of what scrolls. */
  int all() {
    return switch (screen.page()) {
      case NODES, FILTER -> screen.nodes(figures.pools()).size();
      case EVENTS -> events.size();
      case HELP -> HELP.size();
      case QUIT -> 0;
    };
  }

  private List<AttributedString> scrolled(List<AttributedString> all) {
    int from = Math.min(screen.first(), all.size());
    return all.subList(from, Math.min(all.size(), from + rows()));
  }

  // ---------------------------------------------------------------- pools and nodes

  private void nodes(List<AttributedString> lines) {
    List<TopPool> pools = figures.pools();
    if (shownPools() > 0) {
      lines.add(new AttributedString(""));
      lines.addAll(poolLines(pools));
      lines.add(new AttributedString(""));
    }
    List<TopNode> nodes = screen.nodes(pools);
    List<TopColumn> columns = columns(nodes);
    int[] widths = columns.stream().mapToInt(column -> width(column, nodes)).toArray();
    lines.add(columnHeadings(columns, widths));
    int first = Math.min(screen.first(), Math.max(0, nodes.size() - rows()));
    List<TopNode> seen = nodes.subList(first, Math.min(nodes.size(), first + rows()));
    seen.forEach(node -> lines.add(node(node, columns, widths)));
    if (belowNodes() > 0) {
      while (lines.size() < height - 1 - belowNodes()) {
        lines.add(new AttributedString(""));
      }
      lines.add(new AttributedString(""));
      lines.addAll(eventLines(events.subList(0, belowNodes() - 1)));
    }
  }

  /** Pools get a quarter of the lines, those with the most requests first. */
  private int shownPools() {
    return height < TALL ? 0 : Math.min(figures.pools().size(), height / 4);
  }

  private int aboveNodes() {
    return 1 + (shownPools() == 0 ? 0 : shownPools() + 3) + 1;
  }

  private int belowNodes() {
    return height < TALL || events.isEmpty() ? 0 : 1 + Math.min(EVENTS_BELOW, events.size());
  }

  private List<AttributedString> poolLines(List<TopPool> pools) {
    TextTable table = new TextTable(1, POOL_HEADINGS);
    pools.stream()
        .sorted(Comparator.comparingDouble(TopPool::requests).reversed())
        .limit(shownPools())
        .forEach(pool -> table.add(cells(pool)));
    List<String> lines = table.lines();
    List<AttributedString> styled = new ArrayList<>();
    styled.add(new AttributedString(padded(lines.get(0), width), HEADING));
    lines.stream().skip(1).map(AttributedString::new).forEach(styled::add);
    return styled;
  }

  private static List<String> cells(TopPool pool) {
    return List.of(
        pool.name(),
        "" + pool.clients(),
        TopText.number(pool.requests()),
        TopText.bytes(pool.requestBytes()),
        TopText.bytes(pool.replyBytes()),
        "" + pool.inFlight(),
        TopText.number(pool.errors()),
        TopText.number(pool.slow()),
        pool.p50().text(),
        pool.p99().text());
  }

  /** As many columns as fit: what says least is left out first, the column sorted by never. */
  private List<TopColumn> columns(List<TopNode> nodes) {
    List<TopColumn> columns = new ArrayList<>(TopColumn.all());
    if (figures.pools().size() == 1) {
      columns.remove(TopColumn.POOL);
    }
    while (columns.stream().mapToInt(each -> width(each, nodes) + GAP.length()).sum()
        > width + GAP.length()) {
      TopColumn least =
          columns.stream()
              .filter(column -> column != screen.sort() && column.dispensable() > 0)
              .max(Comparator.comparingInt(TopColumn::dispensable))
              .orElse(null);
      if (least == null) {
        break;
      }
      columns.remove(least);
    }
    return columns;
  }

  private static int width(TopColumn column, List<TopNode> nodes) {
    int width = column.heading().length();
    for (TopNode node : nodes) {
      width = Math.max(width, new AttributedString(column.text(node)).columnLength());
    }
    return width;
  }

  private AttributedString columnHeadings(List<TopColumn> columns, int[] widths) {
    AttributedStringBuilder line = new AttributedStringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      TopColumn column = columns.get(i);
      line.styled(HEADING, i == 0 ? "" : GAP);
      line.styled(
          column == screen.sort() ? SORTED : HEADING,
          cell(column.heading(), widths[i], column.isText()));
    }
    return line.styled(HEADING, " ".repeat(Math.max(0, width - line.columnLength())))
        .toAttributedString();
  }

  private static AttributedString node(TopNode node, List<TopColumn> columns, int[] widths) {
    AttributedStringBuilder line = new AttributedStringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      TopColumn column = columns.get(i);
      line.append(i == 0 ? "" : GAP);
      line.styled(style(node, column), cell(column.text(node), widths[i], column.isText()));
    }
    return line.toAttributedString();
  }

  private static AttributedStyle style(TopNode node, TopColumn column) {
    return switch (column) {
      case STATE -> node.isUp() ? GOOD : node.state().equals("down") ? BAD : ODD;
      case NAME -> node.isUp() ? PLAIN : BAD;
      case ERRORS -> node.errorReplies() > 0 ? ODD : PLAIN;
      case FAILURES -> node.failures() > 0 ? BAD : PLAIN;
      case ADDRESS, POOL, CONNECTIONS, REQUESTS, IN, OUT, IN_FLIGHT, P50, P99 -> PLAIN;
    };
  }

  private static String cell(String text, int width, boolean left) {
    String padding = " ".repeat(Math.max(0, width - new AttributedString(text).columnLength()));
    return left ? text + padding : padding + text;
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  // ---------------------------------------------------------------- events and the last line

  private static List<AttributedString> eventLines(List<Config> events) {
    return events.stream()
        .map(
            event ->
                new AttributedString(
                    TopText.event(event),
                    switch (event.getString("level")) {
                      case "ERROR" -> BAD;
                      case "WARN" -> ODD;
                      default -> PLAIN;
                    }))
        .toList();
  }

  private AttributedString footer() {
    AttributedStringBuilder line = new AttributedStringBuilder();
    if (screen.page() == TopScreen.Page.FILTER) {
      return line.styled(SORTED, padded(" filter: " + screen.filter() + "_", width))
          .toAttributedString();
    }
    if (screen.paused()) {
      line.styled(ODD, " paused ");
    }
    if (!screen.filter().isEmpty()) {
      line.styled(ODD, " filter: " + screen.filter() + " (Esc) ");
    }
    int below = all() - rows();
    if (below > 0) {
      int first = Math.min(screen.first(), below);
      line.styled(
          BOLD, String.format(Locale.ROOT, " %d-%d of %d ", first + 1, first + rows(), all()));
    }
    return line.styled(SORTED, padded(KEYS, Math.max(0, width - line.columnLength())))
        .toAttributedString();
  }
}
