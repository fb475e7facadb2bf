package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.Seed;
import io.cashew.hashing.distribution.Moves.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Which keys of a ketama pool move when a node leaves or joins: the law, where it holds, and where
 * twemproxy's formula breaks it. Every hash is looked at, not a sample of keys.
 */
class MonotonicityTest {
  private static final int POOLS = 150;

  /** Numbers of equal nodes up to 60 that have 156 points each instead of 160. */
  private static final List<Integer> ODD_COUNTS = List.of(25, 47, 50, 55);

  @Test
  void ofEqualNodesOnlyTheKeysOfTheOneThatLeavesMove() {
    Random random = Seed.random();
    for (int i = 0; i < POOLS; i++) {
      int count = countThatKeepsThePoints(random);
      List<Member> all = named(random, IntStream.range(0, count).map(node -> 1).toArray());
      int leaving = random.nextInt(count);
      for (Move move : Moves.between(ketama(all), ketama(Members.without(leaving, all)))) {
        assertEquals(leaving, move.from(), () -> count + " nodes: " + move);
      }
    }
  }

  @Test
  void amongEqualNodesKeysMoveOnlyToTheOneThatJoins() {
    Random random = Seed.random();
    for (int i = 0; i < POOLS; i++) {
      int count = countThatKeepsThePoints(random);
      List<Member> all = named(random, IntStream.range(0, count).map(node -> 1).toArray());
      int joining = random.nextInt(count);
      for (Move move : Moves.between(ketama(Members.without(joining, all)), ketama(all))) {
        assertEquals(joining, move.to(), () -> count + " nodes: " + move);
      }
    }
  }

  /** The general law: a key moves between two nodes that stay only because of a changed count. */
  @Test
  void ofWeightedNodesKeysMoveOnlyFromOnesThatLosePointsOrToOnesThatGainPoints() {
    Random random = Seed.random();
    for (int i = 0; i < POOLS; i++) {
      int[] weights = random.ints(2 + random.nextInt(20), 1, 11).toArray();
      List<Member> all = named(random, weights);
      int changed = random.nextInt(weights.length);
      Ketama with = ketama(all);
      Ketama without = ketama(Members.without(changed, all));
      assertOnlyChangedCountsMoveKeys(with, without);
      assertOnlyChangedCountsMoveKeys(without, with);
    }
  }

  @Test
  void aNodeOfAverageWeightMovesOnlyItsOwnKeys() {
    List<Member> all = Members.weighted(1, 2, 3);
    List<Move> moves = Moves.between(ketama(all), ketama(Members.without(1, all)));
    assertFalse(moves.isEmpty());
    assertEquals(0, Moves.shareBetweenOthers(1, moves));
  }

  @Test
  void aNodeOfAnotherWeightMovesKeysOfTheOthersToo() {
    List<Member> all = Members.weighted(1, 2, 3);
    List<Move> withoutTheHeaviest = Moves.between(ketama(all), ketama(Members.without(2, all)));
    assertEquals(0.0202, Moves.shareBetweenOthers(2, withoutTheHeaviest), 0.0001);
    List<Move> withoutTheLightest = Moves.between(ketama(all), ketama(Members.without(0, all)));
    assertEquals(0.0891, Moves.shareBetweenOthers(0, withoutTheLightest), 0.0001);
  }

  @Test
  void the25thEqualNodeMovesKeysOfTheOthersTooForEachLosesADigest() {
    List<Member> all = Members.equal(25);
    List<Move> moves = Moves.between(ketama(Members.without(24, all)), ketama(all));
    assertEquals(0.0244, Moves.shareBetweenOthers(24, moves), 0.0001);
  }

  @Test
  void with162PointsPerNodeEqualNodesKeepTheirPointsWhateverTheirNumber() {
    for (int count = 1; count <= 10_000; count++) {
      assertEquals(40, Ketama.digestCount(1, count, count, 162));
    }
    List<Member> all = Members.equal(25);
    DistributionOptions options = new DistributionOptions(162);
    List<Move> moves =
        Moves.between(new Ketama(Members.without(24, all), options), new Ketama(all, options));
    assertFalse(moves.isEmpty());
    assertEquals(0, Moves.shareBetweenOthers(24, moves));
  }

  private static void assertOnlyChangedCountsMoveKeys(Ketama before, Ketama after) {
    for (Move move : Moves.between(before, after)) {
      boolean lost = points(move.from(), after) < points(move.from(), before);
      boolean gained = points(move.to(), after) > points(move.to(), before);
      assertTrue(lost || gained, move::toString);
    }
  }

  private static long points(int index, Ketama ketama) {
    return IntStream.range(0, ketama.pointCount())
        .filter(point -> ketama.owner(point) == index)
        .count();
  }

  /** From 2 to 60, where one node less makes no difference to the points of the others. */
  private static int countThatKeepsThePoints(Random random) {
    int count;
    do {
      count = 2 + random.nextInt(59);
    } while (ODD_COUNTS.contains(count) || ODD_COUNTS.contains(count - 1));
    return count;
  }

  private static List<Member> named(Random random, int[] weights) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      String name = "n" + i + "." + Integer.toUnsignedString(random.nextInt(), 36) + ":6379";
      members.add(new Member(i, name, weights[i], List.of()));
    }
    return members;
  }

  private static Ketama ketama(List<Member> members) {
    return new Ketama(members, DistributionOptions.DEFAULT);
  }
}
