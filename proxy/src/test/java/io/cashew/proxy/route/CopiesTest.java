package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which nodes hold the same data, and which of them is asked. */
final class CopiesTest {
  private record At(String text, @Nullable SocketAddress current) implements NodeAddress {
    @Override
    public void refresh() {}
  }

  private static Node node(@Nullable SocketAddress address) {
    return new Node("p", "n", new At("somewhere", address), 1, (failed, cause) -> {});
  }

  private static List<Node> nodes(int... ports) {
    return Arrays.stream(ports)
        .mapToObj(port -> node(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
        .toList();
  }

  private static Copies copies(List<Node> nodes, boolean allHoldTheSame, Integer... down) {
    Set<Integer> away = Set.of(down);
    return Copies.of(nodes, allHoldTheSame, node -> !away.contains(nodes.indexOf(node)));
  }

  @Test
  void nodesOfDifferentServersAreAskedEach() {
    Copies copies = copies(nodes(1, 2, 3), false, 1);
    assertEquals(Copies.none(3), copies);
    assertFalse(copies.anyNodeWillDo());
  }

  @Test
  void namesOfOneServerAreAskedOnce() {
    Copies copies = copies(nodes(1, 2, 1, 2, 3), false);
    assertEquals(List.of(0, 1, 0, 1, 4), copies.dataOf());
    assertEquals(List.of(0, 1, 4), copies.readers());
    assertEquals(List.of(0, 1, 4), copies.servers());
  }

  @Test
  void aNameWhoseConnectionFailsIsReplacedByAnother() {
    Copies copies = copies(nodes(1, 2, 1), false, 0);
    assertEquals(List.of(2, 1), copies.readers());
    assertEquals(List.of(2, 1, 2), readers(copies));
    assertEquals(List.of(0, 1), copies(nodes(1, 2, 1), false, 0, 2).readers());
  }

  private static List<Integer> readers(Copies copies) {
    return IntStream.range(0, copies.dataOf().size()).mapToObj(copies::readerOf).toList();
  }

  @Test
  void nodesOfRandomHoldTheSameInServersOfTheirOwn() {
    Copies copies = copies(nodes(1, 2, 1), true, 0);
    assertTrue(copies.anyNodeWillDo());
    assertEquals(List.of(1), copies.readers());
    assertEquals(List.of(1, 1, 1), readers(copies));
    assertEquals(List.of(2, 1), copies.servers());
  }

  @Test
  void nodesWithoutAnAddressAreNotTheSame() {
    assertEquals(Copies.none(2), copies(List.of(node(null), node(null)), false));
  }
}
