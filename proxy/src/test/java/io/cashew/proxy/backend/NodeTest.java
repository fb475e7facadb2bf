package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which nodes are names of one server. */
final class NodeTest {
  private record At(String text, @Nullable SocketAddress current) implements NodeAddress {
    @Override
    public void refresh() {}
  }

  private static Node node(@Nullable SocketAddress address) {
    return new Node("p", "n", new At("somewhere", address), 1, (failed, cause) -> {});
  }

  private static Node node(int port) {
    return node(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  @Test
  void nodesOfOneAddressAreOneServer() {
    assertTrue(node(1).isSameServerAs(node(1)));
    assertFalse(node(1).isSameServerAs(node(2)));
  }

  @Test
  void nodesWithoutAnAddressAreNotTheSame() {
    assertFalse(node(null).isSameServerAs(node(null)));
  }
}
