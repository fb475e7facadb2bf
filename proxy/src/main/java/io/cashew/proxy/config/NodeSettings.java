package io.cashew.proxy.config;

import io.cashew.hashing.distribution.SlotRange;
import java.util.List;

/**
 * One node of a pool.
 *
 * @param name the name that is hashed, shown and logged; unique in its pool
 * @param address where it listens
 * @param weight share of the keys; at least 1
 * @param slots ranges of slots that it owns under {@code distribution = slots}; else empty
 */
public record NodeSettings(String name, Address address, int weight, List<SlotRange> slots) {
  public NodeSettings {
    slots = List.copyOf(slots);
  }

  /**
   * A node as a list of nodes has it: {@code host:port[:weight] [name]}.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static NodeSettings of(String text) {
    try {
      AddressText.Node node = AddressText.nodeWithWeight(text);
      return new NodeSettings(
          node.name().orElseGet(() -> AddressText.defaultName(node.address())),
          node.address(),
          node.weight(),
          List.of());
    } catch (BadValue wrong) {
      throw new IllegalArgumentException("a node " + wrong.text(), wrong);
    }
  }
}
