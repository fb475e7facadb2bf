package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionsTest {
  @Test
  void anUnknownNameIsAnErrorThatNamesTheNearest() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Distributions.byName("katama"));
    assertEquals(
        "unknown distribution 'katama': did you mean 'ketama'? Known: ketama, modula, random,"
            + " slots, sharded-jedis, halves",
        error.getMessage());
  }

  @Test
  void anotherJarMayProvideADistribution() {
    Distribution halves =
        Distributions.byName("halves").create(Members.equal(2), DistributionOptions.DEFAULT);
    assertEquals(0, halves.nodeFor(1));
    assertEquals(1, halves.nodeFor(-1));
  }

  @Test
  void sharesOfAProvidedDistributionAreEstimated() {
    double[] shares =
        Distributions.byName("halves")
            .create(Members.equal(2), DistributionOptions.DEFAULT)
            .shares(3);
    assertEquals(0.5, shares[0], 1e-4);
    assertEquals(0.5, shares[1], 1e-4);
    assertEquals(0, shares[2]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ketama", "modula", "random", "slots", "sharded-jedis"})
  void everyDistributionRefusesWhatCannotBeSpreadOver(String name) {
    DistributionFactory factory = Distributions.byName(name);
    assertEquals(name, factory.name());
    assertMessage(factory, "a distribution needs at least one member: got none", List.of());
    assertMessage(
        factory,
        "two nodes have the name 'a': give one of them another name",
        List.of(new Member(0, "a", 1, List.of()), new Member(1, "a", 1, List.of())));
    assertMessage(
        factory,
        "the nodes 'a' and 'b' have the same index 3",
        List.of(new Member(3, "a", 1, List.of()), new Member(3, "b", 1, List.of())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ketama", "modula", "random", "slots", "sharded-jedis"})
  void oneMemberHasEveryHash(String name) {
    Distribution distribution =
        Distributions.byName(name)
            .create(List.of(new Member(5, "a", 3, List.of())), DistributionOptions.DEFAULT);
    for (int hash : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertEquals(5, distribution.nodeFor(hash));
    }
    assertEquals(1.0, distribution.shares(6)[5], 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 0, -4, 65_537})
  void pointsPerNodeAreLimited(int points) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> new DistributionOptions(points));
    assertEquals("points per node must be 4 to 65536: got " + points, error.getMessage());
  }

  @Test
  void aMemberHasAnIndexAndAWeight() {
    assertThrows(IllegalArgumentException.class, () -> new Member(-1, "a", 1, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Member(0, "a", 0, List.of()));
  }

  private static void assertMessage(
      DistributionFactory factory, String message, List<Member> members) {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> factory.create(members, DistributionOptions.DEFAULT));
    assertEquals(message, error.getMessage());
  }
}
