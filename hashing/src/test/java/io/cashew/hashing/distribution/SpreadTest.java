package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.Seed;
import io.cashew.hashing.function.HashFunctions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How evenly hashes and keys are spread. */
class SpreadTest {
  private static final int KEYS = 30_000;

  /** The addresses of {@code cashew demo} and of many a tutorial. */
  private static final List<Member> THREE_NODES =
      IntStream.range(0, 3)
          .mapToObj(i -> new Member(i, NodeNames.tcp("127.0.0.1", 6379 + i), 1, List.of()))
          .toList();

  @Test
  void sharesOfTheContinuumAreThatOfTheWeights() {
    Random random = Seed.random();
    for (int pool = 0; pool < 100; pool++) {
      int[] weights = random.ints(2 + random.nextInt(30), 1, 5).toArray();
      double total = Arrays.stream(weights).sum();
      double[] shares = create("ketama", Members.weighted(weights)).shares(weights.length);
      assertEquals(1.0, Arrays.stream(shares).sum(), 1e-9);
      for (int i = 0; i < weights.length; i++) {
        double fair = weights[i] / total;
        // An arc varies as much as its length, so a node of p points by 1 in the root of p; here
        // p is 32 at least (weight 1 among 4s), and 6 such deviations are once in 10^9.
        double points = 160 * fair * weights.length;
        assertEquals(fair, shares[i], fair * 6 / Math.sqrt(points - 4) + fair * 4 / points);
      }
    }
  }

  @Test
  void sharesAgreeWithTheEstimateFromLookUps() {
    assertSharesAreAsEstimated(create("ketama", Members.weighted(3, 1, 2, 2, 7)));
    assertSharesAreAsEstimated(create("modula", Members.weighted(3, 1, 2, 2, 7)));
    assertSharesAreAsEstimated(create("slots", Members.equal(5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"md5", "murmur", "jenkins"})
  void aGoodHashGivesEachNodeItsShareOfNumberedKeys(String hash) {
    for (String distribution : List.of("ketama", "modula", "slots")) {
      Distribution created = create(distribution, Members.equal(5));
      double[] shares = created.shares(5);
      int[] counts = counts(hash, created, 5, KEYS);
      for (int i = 0; i < counts.length; i++) {
        double deviation = Math.sqrt(KEYS * shares[i] * (1 - shares[i]));
        assertEquals(KEYS * shares[i], counts[i], 5 * deviation, distribution);
      }
    }
  }

  /** What `cashew check` warns of: facts about twemproxy's functions, not wishes. */
  @ParameterizedTest
  @CsvSource({"fnv1a_64, 600, 200, 200", "crc32, 1000, 0, 0"})
  void aBadHashDoesNot(String hash, int first, int second, int third) {
    int[] counts = counts(hash, create("ketama", THREE_NODES), 3, 1_000);
    assertArrayEquals(new int[] {first, second, third}, counts, () -> Arrays.toString(counts));
  }

  @Test
  void morePointsSpreadMoreEvenly() {
    double coarse = largestShare(16);
    double usual = largestShare(160);
    double fine = largestShare(16_000);
    assertTrue(coarse > usual && usual > fine, () -> coarse + " " + usual + " " + fine);
    assertEquals(0.1, fine, 0.002);
  }

  private static void assertSharesAreAsEstimated(Distribution distribution) {
    assertArrayEquals(distribution.shares(5), new Estimating(distribution).shares(5), 0.002);
  }

  /** Has the look-ups of another distribution, but not its exact shares. */
  private record Estimating(Distribution exact) implements Distribution {
    @Override
    public int nodeFor(int hash) {
      return exact.nodeFor(hash);
    }
  }

  private static double largestShare(int pointsPerNode) {
    DistributionOptions options = new DistributionOptions(pointsPerNode);
    double[] shares = Distributions.byName("ketama").create(Members.equal(10), options).shares(10);
    return Arrays.stream(shares).max().orElseThrow();
  }

  /** Keys {@code user:0}, {@code user:1}, … by node. */
  private static int[] counts(String hash, Distribution distribution, int nodes, int keys) {
    KeyMapper mapper =
        new KeyMapper(HashFunctions.byName(hash), Optional.empty(), distribution, nodes);
    int[] counts = new int[nodes];
    for (int i = 0; i < keys; i++) {
      byte[] key = ("user:" + i).getBytes(StandardCharsets.US_ASCII);
      counts[mapper.nodeFor(key, 0, key.length)]++;
    }
    return counts;
  }

  private static Distribution create(String name, List<Member> members) {
    return Distributions.byName(name).create(members, DistributionOptions.DEFAULT);
  }
}
