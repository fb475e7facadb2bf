package io.cashew.proxy.process;

import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.metrics.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node that an operator has taken out, as a process tells its successor: nobody has to say it
 * again after an upgrade.
 *
 * @param pool its name
 * @param node its name
 * @param out how, by whom and since when
 */
record KeptOut(String pool, String node, NodeState.Maintenance out) {
  private static final String FIRST = "maintenance";
  private static final String BETWEEN = "\t";

  /** All of a proxy. */
  static List<KeptOut> of(ProxyView view) {
    List<KeptOut> all = new ArrayList<>();
    for (PoolView pool : view.pools()) {
      for (NodeView node : pool.nodes()) {
        NodeState.Maintenance out = node.state().maintenance();
        if (out != null) {
          all.add(new KeptOut(pool.name(), node.name(), out));
        }
      }
    }
    return all;
  }

  /** One line, which no address of a listener is like. */
  String line() {
    return String.join(BETWEEN, FIRST, out.how(), "" + out.sinceMillis(), out.by(), pool, node);
  }

  /** What a line says; empty: it is another line. */
  static Optional<KeptOut> of(String line) {
    String[] parts = line.split(BETWEEN, 6);
    return parts.length == 6 && parts[0].equals(FIRST)
        ? Optional.of(
            new KeptOut(
                parts[4],
                parts[5],
                new NodeState.Maintenance(parts[1], parts[3], Long.parseLong(parts[2]))))
        : Optional.empty();
  }
}
