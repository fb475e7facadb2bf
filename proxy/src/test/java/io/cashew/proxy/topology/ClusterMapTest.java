package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.topology.ClusterServer.Condition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An older view of a Cluster never replaces a newer one. */
final class ClusterMapTest {
  private static final int LAST = SlotRange.SLOTS - 1;

  private static ClusterServer primary(String id, long epoch, int... bounds) {
    SlotRange[] ranges = new SlotRange[bounds.length / 2];
    Arrays.setAll(ranges, i -> new SlotRange(bounds[2 * i], bounds[2 * i + 1]));
    return new ClusterServer(id, id + ":1", "", epoch, Condition.WELL, List.of(ranges));
  }

  private static ClusterServer replica(String id, String of) {
    return new ClusterServer(id, id + ":1", of, 0, Condition.WELL, List.of());
  }

  private static ClusterReply.View view(String teller, long epoch, ClusterServer... servers) {
    return new ClusterReply.View(teller, epoch, true, 1, List.of(servers));
  }

  /** Of three servers: {@code a} has the slots up to 99, {@code b} the others, {@code c} none. */
  private static final ClusterMap MAP =
      ClusterMap.NOTHING.after(
          view("a", 5, primary("a", 4, 0, 99), primary("b", 5, 100, LAST), replica("c", "a")));

  private static String owner(ClusterMap map, int slot) {
    ClusterServer owner = map.owner(slot);
    assertNotNull(owner);
    return owner.id();
  }

  @Test
  void whoseEpochIsGreaterHasTheSlot() {
    ClusterMap after =
        MAP.after(
            view("c", 6, replica("a", "c"), primary("b", 5, 100, LAST), primary("c", 6, 0, 99)));
    assertEquals("c", owner(after, 7));
    assertEquals("b", owner(after, 100));
    assertEquals(6, after.epoch());
    assertEquals(
        List.of("c", "b"), after.primaries().keySet().stream().map(ClusterServer::id).toList());
    assertEquals(
        List.of("a"),
        after.replicasOf(after.primaries().keySet().iterator().next()).stream()
            .map(ClusterServer::id)
            .toList());
  }

  @Test
  void anOlderViewReplacesNothing() {
    ClusterMap after =
        MAP.after(
            view("c", 6, replica("a", "c"), primary("b", 5, 100, LAST), primary("c", 6, 0, 99)));
    // of b, which has not heard of it, and of the former primary, which was cut off
    assertSame(
        after,
        after.after(
            view("b", 5, primary("a", 4, 0, 99), primary("b", 5, 100, LAST), replica("c", "a"))));
    assertSame(
        after,
        after.after(
            view("a", 5, primary("a", 4, 0, 99), primary("b", 5, 100, LAST), replica("c", "a"))));
  }

  @Test
  void aClaimToSlotsThatItHasNotIsNotBelieved() {
    ClusterMap after =
        MAP.after(
            view("a", 5, primary("a", 4, 0, 200), primary("b", 5, 201, LAST), replica("c", "a")));
    assertEquals("b", owner(after, 150));
    // nor of one that has heard of as much
    after = after.after(view("d", 9, primary("d", 3, 0, LAST)));
    assertEquals("a", owner(after, 7));
    assertEquals("b", owner(after, 150));
  }

  @Test
  void whoHasASlotMayGiveItAway() {
    // b has imported 99 without another epoch: its own is the greatest
    ClusterMap given =
        MAP.after(
            view("b", 5, primary("a", 4, 0, 98), primary("b", 5, 99, LAST), replica("c", "a")));
    assertEquals("b", owner(given, 99));
    // a has got it back with the greatest epoch of all
    ClusterMap back =
        given.after(
            view("a", 6, primary("a", 6, 0, 99), primary("b", 5, 100, LAST), replica("c", "a")));
    assertEquals("a", owner(back, 99));
    // c mixes a's new epoch with what it knew before; only a may give away what a has
    ClusterReply.View mixed =
        view("c", 6, primary("a", 6, 0, 98), primary("b", 5, 99, LAST), replica("c", "a"));
    assertEquals("a", owner(back.after(mixed), 99));
    ClusterReply.View own =
        view("a", 6, primary("a", 6, 0, 98), primary("b", 5, 99, LAST), replica("c", "a"));
    assertEquals("b", owner(back.after(own), 99));
  }

  @Test
  void halfAMapTakesNothingAway() {
    // one that has just begun knows itself alone
    assertEquals(MAP.owner(7), MAP.after(view("d", 0, primary("d", 0))).owner(7));
    ClusterMap after = MAP.after(view("d", 7, primary("d", 7), primary("b", 5, 100, LAST)));
    assertNotNull(after.owner(7));
    assertTrue(after.servers().stream().anyMatch(each -> each.id().equals("c")));
  }

  @Test
  void whatNobodyHasIsBelievedOfTheOneThatHadIt() {
    ClusterServer b = primary("b", 5, 100, LAST);
    assertEquals(
        "a", owner(MAP.after(view("b", 5, primary("a", 4, 0, 50), b, replica("c", "a"))), 70));
    ClusterMap after = MAP.after(view("a", 5, primary("a", 4, 0, 50), b, replica("c", "a")));
    assertNull(after.owner(70));
    assertEquals(49, after.uncovered());
  }

  @Test
  void whoIsForgottenIsNoMemberAnyMore() {
    ClusterMap after = MAP.after(view("a", 5, primary("a", 4, 0, 99), primary("b", 5, 100, LAST)));
    assertEquals(2, after.servers().size());
    ClusterMap old = MAP.after(view("a", 4, primary("a", 4, 0, 99), primary("b", 5, 100, LAST)));
    assertEquals(3, old.servers().size());
  }

  @Test
  void aServerThatHasMovedHasItsNewAddress() {
    ClusterServer moved = primary("a", 4, 0, 99).at("10.0.0.9:7000");
    ClusterMap after =
        MAP.after(view("b", 5, moved, primary("b", 5, 100, LAST), replica("c", "a")));
    ClusterServer a = after.owner(7);
    assertNotNull(a);
    assertEquals("10.0.0.9:7000", a.address());
    ClusterServer nowhere = primary("a", 4, 0, 99).at("");
    ClusterServer known =
        after.after(view("b", 5, nowhere, primary("b", 5, 100, LAST), replica("c", "a"))).owner(7);
    assertNotNull(known);
    assertEquals("10.0.0.9:7000", known.address());
  }

  @Test
  void withoutEpochsTheLastWordCounts() {
    ClusterMap map = ClusterMap.NOTHING.after(view("", 0, primary("a", 0, 0, LAST)));
    assertEquals("b", owner(map.after(view("", 0, primary("b", 0, 0, LAST))), 1));
  }

  @Test
  void anotherClusterIsStrange() {
    assertTrue(MAP.isStrange(view("x", 9, primary("x", 9, 0, LAST))));
    assertFalse(MAP.isStrange(view("x", 9, primary("x", 9, 0, LAST), replica("b", "x"))));
    assertFalse(ClusterMap.NOTHING.isStrange(view("x", 9, primary("x", 9, 0, LAST))));
  }

  private static List<String> withoutSlots(ClusterMap map) {
    return ClusterShards.of(map, 1, Map.of()).shards().stream()
        .map(Shard::name)
        .filter(
            name -> map.primaries().keySet().stream().noneMatch(of -> of.address().equals(name)))
        .toList();
  }

  @Test
  void aServerWithoutSlotsIsAPrimaryWhenItSaysSoItself() {
    ClusterServer a = primary("a", 4, 0, 99);
    ClusterServer b = primary("b", 5, 100, LAST);
    ClusterMap joined = MAP.after(view("a", 6, a, b, primary("d", 6)));
    assertEquals(List.of(), withoutSlots(joined));
    assertEquals(Set.of("d:1"), joined.unproven());
    ClusterMap asked = joined.after(view("d", 6, a, b, primary("d", 6)));
    assertEquals(List.of("d:1"), withoutSlots(asked));
    assertEquals(Set.of(), asked.unproven());
    assertSame(asked, asked.after(view("b", 6, a, b, primary("d", 6))));
  }

  @Test
  void aPrimaryThatAReplicaHasReplacedIsNone() {
    ClusterServer b = primary("b", 5, 100, LAST);
    ClusterMap after = MAP.after(view("c", 6, primary("a", 4), b, primary("c", 6, 0, 99)));
    assertEquals(List.of(), withoutSlots(after));
    assertEquals(Set.of("a:1"), after.unproven());
    // It has not heard of it: what it says is no proof.
    ClusterMap cutOff = after.after(view("a", 6, primary("a", 4, 0, 99), b, replica("c", "a")));
    assertEquals(Set.of("a:1"), cutOff.unproven());
    ClusterMap known = cutOff.after(view("b", 6, replica("a", "c"), b, primary("c", 6, 0, 99)));
    assertEquals(Set.of(), known.unproven());
    assertEquals(List.of(), withoutSlots(known));
  }

  @Test
  void whoeverGivesItsLastSlotAwayIsAskedWhetherItIsAPrimary() {
    ClusterServer b = primary("b", 6, 0, LAST);
    ClusterMap after = MAP.after(view("b", 6, primary("a", 4), b));
    assertEquals(Set.of("a:1"), after.unproven());
    assertEquals(List.of("a:1"), withoutSlots(after.after(view("a", 6, primary("a", 4), b))));
  }
}
