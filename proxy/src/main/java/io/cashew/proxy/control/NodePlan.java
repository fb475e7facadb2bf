package io.cashew.proxy.control;

import io.cashew.proxy.config.NodeSettings;
import java.util.Optional;

/**
 * What becomes of one node, by its name.
 *
 * @param before null if it is new
 * @param after null if it goes
 */
record NodePlan(Optional<NodeSettings> before, Optional<NodeSettings> after) {

  /** Whether its connections are made anew for its own sake: it is elsewhere. */
  boolean moves() {
    return before.isPresent()
        && after.isPresent()
        && !before.get().place().equals(after.get().place());
  }

  boolean changes() {
    return !before.equals(after);
  }

  /** One line. */
  String text() {
    if (before.isEmpty()) {
      NodeSettings added = after.orElseThrow();
      return "node " + added.name() + ": added at " + added.place().text();
    }
    NodeSettings was = before.get();
    if (after.isEmpty()) {
      return "node "
          + was.name()
          + ": removed from "
          + was.place().text()
          + "; requests in flight finish";
    }
    NodeSettings is = after.get();
    StringBuilder line = new StringBuilder("node ").append(was.name()).append(':');
    if (moves()) {
      line.append(" moved from ")
          .append(was.place().text())
          .append(" to ")
          .append(is.place().text())
          .append("; requests in flight finish");
    }
    if (was.weight() != is.weight()) {
      line.append(moves() ? ", " : " ");
      line.append("weight ").append(was.weight()).append(" -> ").append(is.weight());
    }
    if (!was.slots().equals(is.slots())) {
      line.append(moves() || was.weight() != is.weight() ? ", " : " ");
      line.append("other slots");
    }
    return line.toString();
  }
}
