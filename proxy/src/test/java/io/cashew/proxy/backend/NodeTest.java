package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void thatItsServerSpeaksOfSlotsIsToldOnce() {
    List<String> told = new ArrayList<>();
    Node node =
        new Node(
            "p",
            "n",
            new At("10.0.0.1:6379", null),
            1,
            new Node.Listener() {
              @Override
              public void circuitOpened(Node failed, NodeFailure cause) {}

              @Override
              public void moved(Node of, int slot, String address) {
                told.add(slot + " " + address);
              }
            });
    ByteBuf error = Unpooled.copiedBuffer("-MOVED 5 :6380\r\n", StandardCharsets.US_ASCII);
    node.speaksOfSlots(error, 0, error.readableBytes());
    node.speaksOfSlots(error, 0, error.readableBytes());
    assertEquals(List.of("5 10.0.0.1:6380"), told);
  }
}
