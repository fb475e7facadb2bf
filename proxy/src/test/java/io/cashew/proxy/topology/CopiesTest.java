package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which shards hold the same data, and which of them is asked. */
final class CopiesTest {
  /** Shards by the port of their server, of which some are at the same. */
  private static List<Shard> shards(int... ports) {
    return IntStream.range(0, ports.length)
        .mapToObj(i -> Shard.of("n" + i, 1, new ServerId("here:" + ports[i], i)))
        .toList();
  }

  private static Copies copies(List<Shard> shards, boolean allHoldTheSame, Integer... down) {
    Set<Integer> away = Set.copyOf(Arrays.asList(down));
    return Copies.of(
        shards,
        allHoldTheSame,
        (one, other) -> one.address().equals(other.address()),
        server -> !away.contains((int) server.incarnation()));
  }

  @Test
  void nodesOfDifferentServersAreAskedEach() {
    Copies copies = copies(shards(1, 2, 3), false, 1);
    assertEquals(Copies.none(3), copies);
    assertFalse(copies.anyShardWillDo());
  }

  @Test
  void namesOfOneServerAreAskedOnce() {
    Copies copies = copies(shards(1, 2, 1, 2, 3), false);
    assertEquals(List.of(0, 1, 0, 1, 4), copies.dataOf());
    assertEquals(List.of(0, 1, 4), copies.readers());
    assertEquals(List.of(0, 1, 4), copies.servers());
  }

  @Test
  void aNameWhoseConnectionFailsIsReplacedByAnother() {
    Copies copies = copies(shards(1, 2, 1), false, 0);
    assertEquals(List.of(2, 1), copies.readers());
    assertEquals(List.of(2, 1, 2), readers(copies));
    assertEquals(List.of(0, 1), copies(shards(1, 2, 1), false, 0, 2).readers());
  }

  private static List<Integer> readers(Copies copies) {
    return IntStream.range(0, copies.dataOf().size()).mapToObj(copies::readerOf).toList();
  }

  @Test
  void nodesOfRandomHoldTheSameInServersOfTheirOwn() {
    Copies copies = copies(shards(1, 2, 1), true, 0);
    assertTrue(copies.anyShardWillDo());
    assertEquals(List.of(1), copies.readers());
    assertEquals(List.of(1, 1, 1), readers(copies));
    assertEquals(List.of(2, 1), copies.servers());
  }

  @Test
  void ofSeveralTopologiesThatHaveServersInCommonTheFirstIsAsked() {
    Copies main = copies(shards(1, 2, 1), false, 0);
    Copies other = copies(shards(3, 2, 2), false, 1);
    List<Integer> ports = List.of(1, 2, 1, 3, 2, 2);
    Copies joined =
        Copies.joined(
            List.of(main, other), (one, second) -> ports.get(one).equals(ports.get(second)));
    assertFalse(joined.anyShardWillDo());
    assertEquals(List.of(0, 1, 0, 3, 1, 1), joined.dataOf());
    assertEquals(List.of(2, 1, 3), joined.readers());
    assertEquals(List.of(2, 1, 3), joined.servers());
    assertEquals(List.of(2, 1, 2, 3, 1, 1), readers(joined));
  }

  @Test
  void serversOfSeveralTopologiesMayAllBeApart() {
    Copies joined = Copies.joined(List.of(Copies.none(2), Copies.none(1)), (one, other) -> false);
    assertEquals(Copies.none(3), joined);
  }
}
