package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who loads which key, and what is remembered of that. */
final class LeasesTest {
  private static final int KEYS = 10_000;

  private final Versions versions = new Versions(16_384);
  private final Leases leases = new Leases(versions, 100);
  private final Seat loader = new Seat();
  private final Seat other = new Seat();

  private static KeyBytes key(String text) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    KeyBytes key = new KeyBytes();
    key.set(bytes, 0, bytes.readableBytes());
    return key;
  }

  /** Of a key that was asked for at number 0 of its stripe. */
  private Leases.Lease taken(int stripe) {
    return Objects.requireNonNull(leases.take(stripe, key("k"), loader, 0, 0, 10));
  }

  @Test
  void oneLoadsAKeyUntilItsTimeIsOver() {
    Leases.Lease lease = leases.take(1, key("k"), loader, 0, 0, 10);
    assertTrue(lease != null && lease.isOf(loader));
    assertEquals(lease, leases.take(1, key("k"), other, 0, 9, 19));
    assertNull(leases.take(1, key("of the same stripe"), other, 0, 9, 19));
    Leases.Lease next = leases.take(1, key("k"), other, 0, 10, 20);
    assertTrue(next != null && next.isOf(other));
  }

  @Test
  void whoBeginsToWaitKnowsThatSomethingWasHeard() {
    Leases.Lease lease = taken(1);
    assertEquals(0, lease.heard());
    leases.heardOf(1);
    leases.heardOf(2);
    assertEquals(1, lease.heard());
    leases.end(1, key("k"));
    assertEquals(2, lease.heard());
  }

  @Test
  void whatWasHeardSinceTheLoaderAskedIsKnownToThoseThatWait() {
    versions.end(1);
    assertEquals(1, taken(1).heard());
    assertEquals(0, taken(2).heard());
  }

  @Test
  void aValueThatWasAskedForBeforeItsKeyWasLeasedEndsNothing() {
    long before = System.nanoTime();
    taken(1);
    leases.isThere(1, key("k"), before);
    assertNotNull(leases.of(1, key("k"), 1));
    leases.isThere(1, key("other"), System.nanoTime() + 1);
    assertNotNull(leases.of(1, key("k"), 1));
    leases.isThere(1, key("k"), System.nanoTime() + 1);
    assertNull(leases.of(1, key("k"), 1));
  }

  @Test
  void ofAClientThatLeavesOthersLoad() {
    leases.take(1, key("k"), loader, 0, 0, 10);
    leases.take(2, key("other"), other, 0, 0, 10);
    loader.left();
    assertNull(leases.of(1, key("k"), 1));
    assertNotNull(leases.of(2, key("other"), 1));
  }

  @Test
  void whatAClientWasToLoadLongAgoIsNotRemembered() {
    for (int i = 0; i < KEYS; i++) {
      leases.take(i, key("k" + i), loader, 0, 10L * i, 10L * i + 25);
    }
    assertEquals(3, loader.loads());
    assertEquals(3, leases.size());
    leases.end(KEYS - 1, key("k" + (KEYS - 1)));
    assertEquals(2, leases.size());
    loader.left();
    assertEquals(0, leases.size());
  }
}
