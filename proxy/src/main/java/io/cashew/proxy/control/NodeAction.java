package io.cashew.proxy.control;

import java.util.Arrays;
import java.util.Optional;

/** What an operator may do with a node. */
public enum NodeAction {
  /** Takes it out; what is under way there may take as long as {@code drain-timeout}. */
  DRAIN("drain"),

  /** Takes it out; what is under way there fails. */
  OFFLINE("offline"),

  /** Has it back. */
  READY("ready");

  private final String word;

  NodeAction(String word) {
    this.word = word;
  }

  /** As it is written. */
  public String word() {
    return word;
  }

  /** That of a word; empty: there is none. */
  public static Optional<NodeAction> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
