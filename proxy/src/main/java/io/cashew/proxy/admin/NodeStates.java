package io.cashew.proxy.admin;

import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.metrics.NodeState;
import org.jspecify.annotations.Nullable;

/** What is so of a node, in a word, as {@code /api} has it. */
final class NodeStates {
  private NodeStates() {}

  /** {@code maintenance}, {@code ejected}, {@code down} or {@code up}. */
  static String of(NodeView node) {
    NodeState state = node.state();
    if (state.maintenance() != null) {
      return "maintenance";
    }
    return state.ejected() ? "ejected" : state.circuitOpen() ? "down" : "up";
  }

  /** Who has taken it out, and since when; null: nobody. */
  static @Nullable Object maintenance(NodeView node) {
    NodeState.Maintenance out = node.state().maintenance();
    return out == null
        ? null
        : Json.object("how", out.how(), "by", out.by(), "sinceMillis", out.sinceMillis());
  }
}
