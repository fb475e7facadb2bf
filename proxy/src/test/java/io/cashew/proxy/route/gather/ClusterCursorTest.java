package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cashew.proxy.topology.SlotPlacement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where an iteration over a Cluster stands. */
final class ClusterCursorTest {

  /** Servers by address, each from its first slot on to the next one's; {@code -1}: it has none. */
  private record Servers(List<String> addresses, int... first) implements ScanPlaces.Shards {
    @Override
    public int count() {
      return addresses.size();
    }

    @Override
    public int firstSlotOf(int shard) {
      return first[shard];
    }

    @Override
    public int shardOfSlot(int slot) {
      int found = 0;
      for (int i = 0; i < first.length; i++) {
        found = first[i] != SlotPlacement.NO_SLOT && first[i] <= slot ? i : found;
      }
      return found;
    }

    @Override
    public String addressOf(int shard) {
      return addresses.get(shard);
    }
  }

  private static final Servers THREE = new Servers(List.of("a:1", "b:1", "c:1"), 0, 5000, 9000);

  private static ClusterCursor of(long cursor, Servers servers) {
    return ClusterCursor.of(cursor, ScanPlaces.of(servers));
  }

  private static long after(long cursor, long next, Servers servers) {
    return of(cursor, servers).after(next, ScanPlaces.of(servers)).orElseThrow();
  }

  @Test
  void oneServerAfterTheOtherIsAsked() {
    Servers servers = new Servers(List.of("a:1", "b:1", "c:1", "d:1"), 0, 5000, 9000, -1);
    List<String> asked = new ArrayList<>();
    long cursor = 0;
    do {
      ClusterCursor at = of(cursor, servers);
      asked.add(servers.addressOf(at.shard()) + " " + at.serverCursor());
      cursor = at.after(at.serverCursor() == 0 ? 77 : 0, ScanPlaces.of(servers)).orElseThrow();
    } while (cursor != 0);
    assertEquals(
        Arrays.asList("a:1 0", "a:1 77", "b:1 0", "b:1 77", "c:1 0", "c:1 77", "d:1 0", "d:1 77"),
        asked);
  }

  @Test
  void otherServersChangeNothing() {
    long cursor = after(after(0, 0, THREE), 77, THREE); // in b
    Servers more = new Servers(List.of("x:1", "a:1", "b:1", "c:1"), 0, 100, 5000, 9000);
    ClusterCursor at = of(cursor, more);
    assertEquals("b:1", more.addressOf(at.shard()));
    assertEquals(77, at.serverCursor());
    Servers fewer = new Servers(List.of("a:1", "b:1"), 0, 5000);
    assertEquals(0, after(cursor, 0, fewer));
  }

  @Test
  void whoTakesOverIsBegunAnew() {
    long cursor = after(after(0, 0, THREE), 77, THREE);
    Servers other = new Servers(List.of("a:1", "r:1", "c:1"), 0, 5000, 9000);
    ClusterCursor at = of(cursor, other);
    assertEquals("r:1", other.addressOf(at.shard()));
    assertEquals(0, at.serverCursor());
    long next = at.after(5, ScanPlaces.of(other)).orElseThrow();
    assertEquals(5, of(next, other).serverCursor());
  }

  @Test
  void cursorsAreNeverTheEndBeforeIt() {
    assertNotEquals(0, after(0, 0, THREE));
    assertNotEquals(0, after(0, 1, THREE));
  }

  @Test
  void whatHasNoRoomIsNoCursor() {
    ClusterCursor begin = of(0, THREE);
    long most = -1L >>> 25;
    long cursor = begin.after(most, ScanPlaces.of(THREE)).orElseThrow();
    assertEquals(most, of(cursor, THREE).serverCursor());
    assertFalse(begin.after(most + 1, ScanPlaces.of(THREE)).isPresent());
  }

  /** Nodes without slots, of which the first stands for some others. */
  private record Nodes(List<String> addresses, int same) implements ScanPlaces.Shards {
    @Override
    public int count() {
      return addresses.size();
    }

    @Override
    public boolean hasSlots() {
      return false;
    }

    @Override
    public int firstSlotOf(int shard) {
      return SlotPlacement.NO_SLOT;
    }

    @Override
    public int shardOfSlot(int slot) {
      throw new IllegalStateException("there are no slots");
    }

    @Override
    public String addressOf(int shard) {
      return addresses.get(shard);
    }

    @Override
    public int readerOf(int shard) {
      return shard < same ? 0 : shard;
    }
  }

  private static List<String> asked(List<ScanPlaces> changes) {
    List<String> asked = new ArrayList<>();
    long cursor = 0;
    int step = 0;
    do {
      ScanPlaces places = changes.get(Math.min(step++, changes.size() - 1));
      ClusterCursor at = ClusterCursor.of(cursor, places);
      asked.add(at.shard() + " " + at.serverCursor());
      cursor = at.after(at.serverCursor() == 0 ? 77 : 0, places).orElseThrow();
    } while (cursor != 0);
    return asked;
  }

  @Test
  void onePoolAfterTheOtherIsAskedAndOfCopiesOne() {
    ScanPlaces places =
        ScanPlaces.of(
            List.of(
                new Nodes(List.of("n:1", "n:2"), 0),
                THREE,
                new Nodes(List.of("s:1", "s:2", "t:1"), 2)));
    assertEquals(
        List.of(
            "0 0", "0 77", "1 0", "1 77", "2 0", "2 77", "3 0", "3 77", "4 0", "4 77", "5 0",
            "5 77", "7 0", "7 77"),
        asked(List.of(places)));
  }

  @Test
  void serversOfAClusterThatComeChangeNothingForOtherPools() {
    Nodes nodes = new Nodes(List.of("n:1", "n:2"), 0);
    Servers more = new Servers(List.of("a:1", "x:1", "b:1", "c:1"), 0, 100, 5000, 9000);
    ScanPlaces before = ScanPlaces.of(List.of(THREE, nodes));
    ScanPlaces now = ScanPlaces.of(List.of(more, nodes));
    assertEquals(
        List.of("0 0", "0 77", "1 0", "1 77", "2 0", "2 77", "3 0", "4 77", "5 0", "5 77"),
        asked(List.of(before, before, before, before, before, before, before, now)));
  }
}
