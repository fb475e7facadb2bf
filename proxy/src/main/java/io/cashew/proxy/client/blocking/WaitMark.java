package io.cashew.proxy.client.blocking;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.RoutingTable;
import io.cashew.proxy.topology.SlotPlacement;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An empty message to a shard channel that nobody listens to, which goes to a server's replicas
 * behind all that the server has written.
 *
 * @param channel which also documents say that the server's user must be allowed
 */
record WaitMark(String channel) {
  static final String CHANNEL = "cashew:wait";

  private static final SlotPlacement PLACEMENT = new SlotPlacement(new int[SlotRange.SLOTS]);

  /**
   * The one for a server. One of a Cluster takes messages to channels of its own slots only, so a
   * hash tag behind the name leads to one of these.
   *
   * @return null: the server has no slot, and so nothing that replicas could have
   */
  static @Nullable WaitMark of(RoutingTable table, Backend server) {
    if (!table.slotsMoveAt(server.node())) {
      return new WaitMark(CHANNEL);
    }
    int slot = table.anySlotOf(server);
    return slot == SlotPlacement.NO_SLOT ? null : ofSlot(slot);
  }

  /** The one to a channel of a slot: of numbers as hash tags one in 16,384 is of it. */
  static WaitMark ofSlot(int slot) {
    String channel = CHANNEL;
    for (int tag = 0; slotOf(channel) != slot; tag++) {
      channel = CHANNEL + "{" + tag + "}";
    }
    return new WaitMark(channel);
  }

  private static int slotOf(String channel) {
    byte[] bytes = channel.getBytes(StandardCharsets.US_ASCII);
    return PLACEMENT.groupOf(bytes, 0, bytes.length);
  }

  /** The request. */
  byte[] request() {
    return Replies.bytes(
        "*3\r\n$8\r\nSPUBLISH\r\n$" + channel.length() + "\r\n" + channel + "\r\n$0\r\n\r\n");
  }
}
