package io.cashew.proxy.cli;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * A column of the nodes that {@code cashew top} shows, in their order from the left; each can be
 * sorted by.
 */
@SuppressWarnings("ImmutableEnumChecker") // what texts and orders close over does not change
enum TopColumn {
  NAME("node", 0, 'N', TopNode::name, Comparator.comparing(TopNode::name)),
  ADDRESS("address", 7, 'A', TopNode::address, Comparator.comparing(TopNode::address)),
  /** Trouble first, and of the same trouble whoever has the most requests. */
  STATE(
      "state",
      0,
      'S',
      TopNode::state,
      Comparator.comparing(TopNode::isUp)
          .thenComparing(TopNode::state)
          .thenComparing(Comparator.comparingDouble(TopNode::requests).reversed())),
  POOL("pool", 3, 'P', TopNode::pool, Comparator.comparing(TopNode::pool)),
  CONNECTIONS("conns", 5, 'C', node -> "" + node.connections(), descending(TopNode::connections)),
  REQUESTS("req/s", 0, 'R', node -> TopText.number(node.requests()), descending(TopNode::requests)),
  IN("in/s", 6, 'I', node -> TopText.bytes(node.requestBytes()), descending(TopNode::requestBytes)),
  OUT("out/s", 6, 'O', node -> TopText.bytes(node.replyBytes()), descending(TopNode::replyBytes)),
  IN_FLIGHT("in flight", 4, 'Q', node -> "" + node.inFlight(), descending(TopNode::inFlight)),
  ERRORS(
      "errors/s",
      2,
      'E',
      node -> TopText.number(node.errorReplies()),
      descending(TopNode::errorReplies)),
  FAILURES(
      "fails/s", 1, 'F', node -> TopText.number(node.failures()), descending(TopNode::failures)),
  P50("p50", 4, 'M', node -> node.p50().text(), descending(TopNode::p50)),
  P99("p99", 0, 'L', node -> node.p99().text(), descending(TopNode::p99));

  /** Names and words; what comes behind them is numbers, to the right. */
  private static final List<TopColumn> TEXTS = List.of(NAME, ADDRESS, STATE, POOL);

  private final String heading;
  private final int dispensable;
  private final char key;
  private final Function<TopNode, String> text;
  private final Comparator<TopNode> order;

  TopColumn(
      String heading,
      int dispensable,
      char key,
      Function<TopNode, String> text,
      Comparator<TopNode> order) {
    this.heading = heading;
    this.dispensable = dispensable;
    this.key = key;
    this.text = text;
    this.order = order;
  }

  private static <T extends Comparable<T>> Comparator<TopNode> descending(
      Function<TopNode, T> number) {
    return Comparator.comparing(number).reversed();
  }

  static List<TopColumn> all() {
    return List.of(values());
  }

  String heading() {
    return heading;
  }

  /** How early it is left out where the terminal is narrow, the highest first; 0: never. */
  int dispensable() {
    return dispensable;
  }

  /** The key that sorts by it. */
  char key() {
    return key;
  }

  String text(TopNode node) {
    return text.apply(node);
  }

  /** Numbers from the largest, words by the alphabet, states with trouble first. */
  Comparator<TopNode> order() {
    return order;
  }

  boolean isText() {
    return TEXTS.contains(this);
  }
}
