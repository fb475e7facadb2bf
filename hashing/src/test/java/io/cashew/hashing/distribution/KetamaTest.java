package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KetamaTest {
  private static final int LOOK_UPS = 20_000;

  @ParameterizedTest
  @ValueSource(
      ints = {
        25, 47, 50, 55, 61, 71, 94, 100, 107, 109, 110, 115, 122, 142, 159, 163, 188, 193, 200
      })
  void singlePrecisionGivesEqualNodes156PointsForTheseCounts(int count) {
    assertEquals(156, 4 * Ketama.digestCount(1, count, count, 160));
  }

  @Test
  void equalNodesHave160PointsForAllOtherCountsOfUpTo200() {
    long with156 =
        IntStream.rangeClosed(1, 200).filter(n -> Ketama.digestCount(1, n, n, 160) == 39).count();
    long with160 =
        IntStream.rangeClosed(1, 200).filter(n -> Ketama.digestCount(1, n, n, 160) == 40).count();
    assertEquals(19, with156);
    assertEquals(181, with160);
    assertEquals(
        207,
        IntStream.rangeClosed(1, 2000).filter(n -> Ketama.digestCount(1, n, n, 160) != 40).count());
  }

  @Test
  void singlePrecisionTakesAPointFromWeight14Of700() {
    assertEquals(44, 4 * Ketama.digestCount(14, 700, 15, 160));
  }

  @Test
  void aVerySmallWeightGetsNoPointAndNoKey() {
    Distribution ketama = create(Members.weighted(100_000, 1));
    assertEquals(316, ((Ketama) ketama).pointCount());
    assertEquals(1.0, ketama.shares(2)[0]);
    assertEquals(0.0, ketama.shares(2)[1]);
  }

  @ParameterizedTest
  @CsvSource({
    "server1, 251165102, 776252252, 2394223911, 2876546053",
    "10.0.0.1, 563378236, 920037467, 1084864719, 4058903954"
  })
  void theFirstDigestOfANodeMakesItsFirstFourPoints(
      String name, long first, long second, long third, long fourth) {
    Ketama ketama =
        new Ketama(List.of(new Member(0, name, 1, List.of())), new DistributionOptions(4));
    assertEquals(
        List.of(first, second, third, fourth),
        IntStream.range(0, ketama.pointCount()).mapToObj(ketama::value).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 7, 160, 161, 163, 1000})
  void onlyWholeDigestsCount(int pointsPerNode) {
    Ketama ketama = new Ketama(Members.equal(3), new DistributionOptions(pointsPerNode));
    assertEquals(3 * (pointsPerNode / 4 * 4), ketama.pointCount());
  }

  @Test
  void aHashBelongsToTheFirstPointThatIsNotBelowItAndPastTheLastToTheFirst() {
    Random random = Seed.random();
    for (int count : new int[] {1, 2, 3, 17, 50}) {
      Ketama ketama = new Ketama(Members.equal(count), DistributionOptions.DEFAULT);
      for (int i = 0; i < LOOK_UPS; i++) {
        assertIsLowerBound(ketama, random.nextInt());
      }
      for (int point = 0; point < ketama.pointCount(); point++) {
        for (int distance = -1; distance <= 1; distance++) {
          assertIsLowerBound(ketama, (int) ketama.value(point) + distance);
        }
      }
      assertIsLowerBound(ketama, 0);
      assertIsLowerBound(ketama, -1);
    }
  }

  @Test
  void ofEqualValuesTheFirstInInternalOrderWins() {
    // Texts are cut to 272 bytes, so these two names and all their numbers make the same digest.
    Ketama ketama =
        new Ketama(
            List.of(
                new Member(0, "q".repeat(301), 1, List.of()),
                new Member(1, "q".repeat(300), 1, List.of())),
            DistributionOptions.DEFAULT);
    assertEquals(320, ketama.pointCount());
    assertEquals(4, IntStream.range(0, 320).mapToObj(ketama::value).distinct().count());
    assertEquals(1.0, ketama.shares(2)[1], "the shorter name comes first in internal order");
    assertEquals(1, ketama.nodeFor((int) ketama.value(0)));
    assertEquals(1, ketama.nodeFor(-1));
  }

  @Test
  void theOrderOfTheListDoesNotMatter() {
    Random random = Seed.random();
    List<Member> members = new ArrayList<>(Members.weighted(3, 1, 4, 1, 5, 9, 2, 6));
    Distribution expected = create(members);
    Collections.shuffle(members, random);
    Distribution shuffled = create(members);
    for (int i = 0; i < LOOK_UPS; i++) {
      int hash = random.nextInt();
      assertEquals(expected.nodeFor(hash), shuffled.nodeFor(hash));
    }
  }

  @Test
  void indicesNeedNotBeConsecutive() {
    Distribution ketama =
        create(List.of(new Member(70_000, "a", 1, List.of()), new Member(12, "b", 1, List.of())));
    assertTrue(ketama.nodeFor(0) == 12 || ketama.nodeFor(0) == 70_000);
    assertEquals(1.0, Arrays.stream(ketama.shares(70_001)).sum(), 1e-12);
  }

  @Test
  void noPointAtAllIsAnError() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Ketama(Members.equal(41), new DistributionOptions(4)));
    assertEquals(
        "ketama: 4 points per node make 0 points for 41 nodes; 4 to 16777216 are possible: raise"
            + " the points per node",
        error.getMessage());
  }

  @Test
  void moreThan16MillionPointsAreAnError() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Ketama(Members.equal(300), new DistributionOptions(65_536)));
    assertEquals(
        "ketama: 65536 points per node make 19660800 points for 300 nodes; 4 to 16777216 are"
            + " possible: lower the points per node",
        error.getMessage());
  }

  private static void assertIsLowerBound(Ketama ketama, int hash) {
    int point = 0;
    int last = ketama.pointCount();
    while (point < last) {
      int middle = (point + last) >>> 1;
      if (ketama.value(middle) < Integer.toUnsignedLong(hash)) {
        point = middle + 1;
      } else {
        last = middle;
      }
    }
    int expected = ketama.owner(point == ketama.pointCount() ? 0 : point);
    assertEquals(expected, ketama.nodeFor(hash), () -> "hash " + Integer.toUnsignedString(hash));
  }

  private static Distribution create(List<Member> members) {
    return Distributions.byName("ketama").create(members, DistributionOptions.DEFAULT);
  }
}
