package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of memory a change of the topology ends. */
final class OwnershipTest {
  private static final Topology SLOTS =
      Topologies.slots(List.of("a", "b"), List.of("h:1", "h:2")).numbered(1);
  private static final Topology RING = Topologies.modula("a", "b").numbered(1);

  private static KeyBytes key(String text) {
    KeyBytes key = new KeyBytes();
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    key.set(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    return key;
  }

  @Test
  void aSlotThatMovesEndsWhatIsKeptOfItAlone() {
    Ownership before = Ownership.of(SLOTS);
    int slot = before.group(key("123456789"));
    assertEquals(12739, slot);
    int other = SLOTS.placement().shardOf(slot) == 0 ? 1 : 0;
    Ownership after = before.next(Topologies.withSlot(SLOTS, slot, other).numbered(2));
    assertNotEquals(before.stamp(slot), after.stamp(slot));
    assertEquals(before.stamp(slot - 1), after.stamp(slot - 1));
  }

  @Test
  void aSlotThatComesBackDoesNotBringBackWhatWasKept() {
    Ownership before = Ownership.of(SLOTS);
    int slot = 12739;
    int other = SLOTS.placement().shardOf(slot) == 0 ? 1 : 0;
    Ownership back =
        before.next(Topologies.withSlot(SLOTS, slot, other).numbered(2)).next(SLOTS.numbered(3));
    assertNotEquals(before.stamp(slot), back.stamp(slot));
  }

  @Test
  void anotherPrimaryEndsWhatIsKept() {
    Ownership before = Ownership.of(RING);
    assertEquals(before.stamp(0), before.next(RING.numbered(2)).stamp(0));
    Topology failedOver =
        RING.withPrimaries(List.of(new ServerId("h:3", 7), RING.shards().get(1).primary()))
            .numbered(2);
    assertNotEquals(before.stamp(0), before.next(failedOver).stamp(0));
    assertEquals(2, before.next(failedOver).version());
  }

  @Test
  void allKeysOfARingAreOneGroup() {
    Ownership ring = Ownership.of(RING);
    assertEquals(0, ring.group(key("a")));
    assertEquals(0, ring.group(key("b")));
  }
}
