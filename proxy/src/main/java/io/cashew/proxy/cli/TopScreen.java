package io.cashew.proxy.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What somebody in front of {@code cashew top} has chosen to see. Keys make another one of it.
 *
 * @param page what is seen
 * @param sort the column that nodes are sorted by
 * @param reversed against the column's own direction
 * @param paused figures stay as they are
 * @param filter only nodes that have this in their pool, name, address or state; empty: all
 * @param first the node at the top, counted from 0 among those that are left
 */
record TopScreen(
    Page page, TopColumn sort, boolean reversed, boolean paused, String filter, int first) {
  static final TopScreen START = new TopScreen(Page.NODES, TopColumn.STATE, false, false, "", 0);

  enum Page {
    NODES,
    /** Nodes, while a filter is typed. */
    FILTER,
    EVENTS,
    HELP,
    /** Nothing any more. */
    QUIT
  }

  /**
   * After a key.
   *
   * @param rows how many lines scroll
   * @param all how many there would be
   */
  TopScreen press(TopKey key, int rows, int all) {
    if (page == Page.FILTER) {
      return type(key);
    }
    return switch (key.kind()) {
      case UP -> scroll(first - 1, rows, all);
      case DOWN -> scroll(first + 1, rows, all);
      case PAGE_UP -> scroll(first - rows, rows, all);
      case PAGE_DOWN -> scroll(first + rows, rows, all);
      case HOME -> scroll(0, rows, all);
      case END -> scroll(all, rows, all);
      case LEFT -> sortedBy(neighbour(-1));
      case RIGHT -> sortedBy(neighbour(1));
      case HELP -> show(Page.HELP);
      case FILTER -> with(Page.FILTER, filter);
      case QUIT -> with(Page.QUIT, filter);
      case ESCAPE -> page == Page.NODES ? with(Page.NODES, "") : with(Page.NODES, filter);
      case ENTER, BACKSPACE -> this;
      case CHARACTER -> character(key.character(), rows, all);
    };
  }

  private TopScreen character(char character, int rows, int all) {
    return switch (character) {
      case 'k' -> scroll(first - 1, rows, all);
      case 'j' -> scroll(first + 1, rows, all);
      case ' ' -> scroll(first + rows, rows, all);
      case '<' -> sortedBy(neighbour(-1));
      case '>' -> sortedBy(neighbour(1));
      case 'r' -> new TopScreen(page, sort, !reversed, paused, filter, 0);
      case 'p' -> new TopScreen(page, sort, reversed, !paused, filter, first);
      case '/' -> with(Page.FILTER, filter);
      case 'e' -> show(Page.EVENTS);
      case 'h', '?' -> show(Page.HELP);
      case 'q' -> with(Page.QUIT, filter);
      default -> byKey(character).map(this::sortedBy).orElse(this);
    };
  }

  private TopScreen type(TopKey key) {
    return switch (key.kind()) {
      case ENTER -> with(Page.NODES, filter);
      case ESCAPE -> with(Page.NODES, "");
      case QUIT -> with(Page.QUIT, filter);
      case BACKSPACE ->
          with(page, filter.isEmpty() ? "" : filter.substring(0, filter.length() - 1));
      case CHARACTER -> with(page, filter + key.character());
      case UP, DOWN, LEFT, RIGHT, PAGE_UP, PAGE_DOWN, HOME, END, HELP, FILTER -> this;
    };
  }

  /** The same key again leaves the page. */
  private TopScreen show(Page other) {
    return with(page == other ? Page.NODES : other, filter);
  }

  private TopScreen with(Page newPage, String newFilter) {
    return new TopScreen(newPage, sort, reversed, paused, newFilter, 0);
  }

  private TopScreen scroll(int to, int rows, int all) {
    int last = Math.max(0, all - rows);
    return new TopScreen(page, sort, reversed, paused, filter, Math.max(0, Math.min(to, last)));
  }

  /** The column that is sorted by already: the other way round. */
  private TopScreen sortedBy(TopColumn column) {
    return new TopScreen(page, column, column == sort && !reversed, paused, filter, 0);
  }

  private TopColumn neighbour(int step) {
    List<TopColumn> all = TopColumn.all();
    return all.get(Math.floorMod(all.indexOf(sort) + step, all.size()));
  }

  private static Optional<TopColumn> byKey(char key) {
    return TopColumn.all().stream().filter(column -> column.key() == key).findFirst();
  }

  /** The nodes of all pools that are left, in their order. */
  List<TopNode> nodes(List<TopPool> pools) {
    Comparator<TopNode> order = reversed ? sort.order().reversed() : sort.order();
    return pools.stream()
        .flatMap(pool -> pool.nodes().stream())
        .filter(this::isLeft)
        .sorted(order.thenComparing(TopNode::pool).thenComparing(TopNode::name))
        .toList();
  }

  private boolean isLeft(TopNode node) {
    String wanted = filter.toLowerCase(Locale.ROOT);
    return List.of(node.pool(), node.name(), node.address(), node.state()).stream()
        .anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(wanted));
  }
}
