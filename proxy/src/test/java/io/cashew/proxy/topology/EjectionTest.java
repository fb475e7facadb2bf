package io.cashew.proxy.topology;

import static io.cashew.proxy.topology.Ejection.Condition.AWAITED;
import static io.cashew.proxy.topology.Ejection.Condition.DOWN;
import static io.cashew.proxy.topology.Ejection.Condition.OUT;
import static io.cashew.proxy.topology.Ejection.Condition.SUSPECT;
import static io.cashew.proxy.topology.Ejection.Condition.WELL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cashew.proxy.topology.Ejection.Condition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which shards are out, as a function of what is known of their servers. */
final class EjectionTest {
  private static final byte[] KEY = {'k'};

  /** Three shards; the key belongs to the first that is not out. */
  private static Topology topology(boolean ejects, int... incarnations) {
    List<Shard> shards =
        Arrays.stream(incarnations)
            .mapToObj(each -> Shard.of("n" + each, 1, new ServerId("here:" + each, each)))
            .toList();
    Traits traits = new Traits(PublishReach.SERVER, 16, false, false, ejects, 0.5, Map.of());
    return Topology.of(shards, new FirstThatIsIn(Set.of()), traits);
  }

  private record FirstThatIsIn(Set<Integer> out) implements Placement {
    @Override
    public int groupOf(byte[] bytes, int offset, int length) {
      return IntStream.iterate(0, i -> i + 1)
          .filter(i -> !out.contains(i))
          .findFirst()
          .orElseThrow();
    }

    @Override
    public int shardOf(int group) {
      return group;
    }

    @Override
    public int groupOfAll(byte[] bytes, int offset, int length) {
      return NO_GROUP;
    }

    @Override
    public Placement without(Set<Integer> ejected) {
      return new FirstThatIsIn(ejected);
    }
  }

  private static Topology whileDown(Topology topology, long... incarnations) {
    Set<Long> down = Arrays.stream(incarnations).boxed().collect(Collectors.toSet());
    return Ejection.of(topology, server -> down.contains(server.incarnation()) ? DOWN : WELL);
  }

  @Test
  void keysOfAShardWhoseServerIsDownGoElsewhereAndComeBack() {
    Topology all = topology(true, 1, 2, 3);
    Topology without = whileDown(all, 1);
    assertEquals(Set.of(0), without.ejected());
    assertEquals(1, without.shardFor(KEY));
    assertEquals(all.shards(), without.shards());
    Topology again = whileDown(without);
    assertEquals(Set.of(), again.ejected());
    assertEquals(0, again.shardFor(KEY));
  }

  @Test
  void whatChangesNothingIsTheSameTopology() {
    Topology without = whileDown(topology(true, 1, 2, 3), 2);
    assertSame(without, whileDown(without, 2));
    assertSame(without, whileDown(without, 2, 3), "half of three is one");
  }

  @Test
  void whereNoneMayBeEjectedNoneIs() {
    Topology all = topology(false, 1, 2, 3);
    assertSame(all, whileDown(all, 1));
  }

  @Test
  void aShardThatIsOutStaysOutInTheNextTopologyByItsServer() {
    Topology without = whileDown(topology(true, 1, 2, 3), 1);
    assertEquals(
        Set.of(1), Ejection.carriedOver(without, topology(true, 4, 1, 2)).ejected(), "moved");
    assertEquals(
        Set.of(), Ejection.carriedOver(without, topology(true, 7, 2, 3)).ejected(), "replaced");
    assertEquals(Set.of(), Ejection.carriedOver(without, topology(true, 1)).ejected(), "the last");
    assertEquals(Set.of(), Ejection.carriedOver(without, topology(false, 1, 2)).ejected(), "off");
  }

  private static Set<Integer> after(Set<Integer> before, double most, Condition... nodes) {
    return Ejection.after(before, List.of(nodes), most);
  }

  @Test
  void whatIsDownGoesAndWhatIsWellComesBack() {
    assertEquals(Set.of(1), after(Set.of(), 0.5, WELL, DOWN, WELL));
    assertEquals(Set.of(1), after(Set.of(1), 0.5, WELL, DOWN, WELL));
    assertEquals(Set.of(), after(Set.of(1), 0.5, WELL, WELL, WELL));
  }

  @Test
  void theEndOfAConnectionAloneMovesNoKeys() {
    assertEquals(Set.of(), after(Set.of(), 0.5, WELL, SUSPECT, WELL));
    assertEquals(
        Set.of(1), after(Set.of(1), 0.5, WELL, SUSPECT, WELL), "nor does it bring some back");
  }

  @Test
  void whatIsAwaitedIsInItsPlace() {
    assertEquals(Set.of(), after(Set.of(), 1, AWAITED, AWAITED, AWAITED));
    assertEquals(Set.of(), after(Set.of(1), 1, WELL, AWAITED, WELL));
  }

  @Test
  void neverMoreThanTheShareAndNeverTheLast() {
    assertEquals(Set.of(0, 1), after(Set.of(), 0.5, DOWN, DOWN, DOWN, DOWN));
    assertEquals(Set.of(0, 1, 2), after(Set.of(), 1, DOWN, DOWN, DOWN, DOWN));
    assertEquals(Set.of(), after(Set.of(), 1, DOWN));
    assertEquals(Set.of(), after(Set.of(), 0, DOWN, WELL));
    assertEquals(Set.of(), after(Set.of(), 0.3, DOWN, WELL, WELL), "0.9 of a node is none");
  }

  @Test
  void whatAnOperatorHasTakenOutIsOutWhateverItsShareAndNeverTheLast() {
    assertEquals(Set.of(0, 2), after(Set.of(), 0.3, OUT, WELL, OUT));
    assertEquals(Set.of(0), after(Set.of(), 1, OUT, OUT), "the last");
    assertEquals(Set.of(), after(Set.of(), 1, OUT));
    assertEquals(Set.of(), after(Set.of(0, 2), 0.3, WELL, WELL, WELL), "ready");
  }

  @Test
  void whatAnOperatorHasTakenOutCountsAmongThoseThatAreOut() {
    assertEquals(Set.of(1), after(Set.of(), 0.5, DOWN, OUT, WELL), "half of three is one");
    assertEquals(Set.of(0, 1), after(Set.of(), 0.7, DOWN, OUT, WELL));
    assertEquals(Set.of(1), after(Set.of(0), 0.5, DOWN, OUT), "nor is the last by both");
  }

  @Test
  void whoIsOutKeepsThePlaceThatOthersWouldHave() {
    assertEquals(Set.of(3), after(Set.of(3), 0.25, DOWN, WELL, WELL, DOWN));
    assertEquals(Set.of(0), after(Set.of(3), 0.25, DOWN, WELL, WELL, WELL));
  }
}
