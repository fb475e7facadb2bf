package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes the nodes of a pool, each a text or an object. Used by the thread that reads the
 * file.
 */
final class NodesReader {
  private static final String FORM = "a list of nodes: [ \"host:port:weight name\", … ]";

  static final Kind<List<NodeSettings>> KIND =
      Kind.<List<NodeSettings>>structure(FORM, (value, place) -> new NodesReader(place).read(value))
          .shownAs(nodes -> nodes.size() + " of them")
          .writtenAs((nodes, hides) -> Kinds.lines(nodes.stream().map(NodesReader::text).toList()))
          .withElements(NodeSettings.TABLE);

  private final Place place;
  private final PoolChecks.Names names = new PoolChecks.Names();

  private NodesReader(Place place) {
    this.place = place;
  }

  private List<NodeSettings> read(ConfigValue value) throws BadValue {
    List<NodeSettings> nodes = new ArrayList<>();
    int index = 0;
    for (ConfigValue each :
        Kinds.listOf(value, FORM, "has no nodes: a pool needs one to send keys to")) {
      String key = place.key(index);
      try {
        NodeSettings node = node(each, index);
        nodes.add(node);
        if (!node.name().isEmpty() && !node.place().addresses().contains(Kinds.NO_ADDRESS)) {
          names
              .claim(node.name(), each.origin().lineNumber())
              .ifPresent(text -> place.report(each, key, text));
        }
      } catch (BadValue wrong) {
        place.report(each, key, wrong.text());
      }
      index++;
    }
    return nodes;
  }

  private NodeSettings node(ConfigValue value, int index) throws BadValue {
    if (!(value instanceof ConfigObject object)) {
      return NodeSettings.read(Kinds.scalar(value, "\"host:port[:weight] [name]\" or an object"));
    }
    Section section = place.element(index, object, NodeSettings.TABLE);
    NodeSettings read = NodeSettings.TABLE.read(section);
    NodeSettings node = section.has(NodeSettings.NAME) ? read.asNamed() : read;
    if (section.has(NodeSettings.SLOTS)
        && !place.section().get(PlacementSettings.DISTRIBUTION).name().equals("slots")) {
      section.report(
          NodeSettings.SLOTS, "needs distribution = slots: other distributions have no slots");
    }
    return node;
  }

  private static String text(NodeSettings node) {
    if (!node.slots().isEmpty() || !(node.place() instanceof NodePlace.At at)) {
      return NodeSettings.TABLE.object(node, false);
    }
    return ConfigUtil.quoteString(
        at.address().text() + ":" + node.weight() + (node.named() ? " " + node.name() : ""));
  }
}
