package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomChoiceTest {
  @Test
  void oneHashMeetsEveryNodeAndNoOther() {
    Distribution random =
        Distributions.byName("random")
            .create(
                List.of(
                    new Member(4, "a", 1, List.of()),
                    new Member(9, "b", 1_000_000_000, List.of()),
                    new Member(2, "c", 1, List.of())),
                DistributionOptions.DEFAULT);
    Set<Integer> met = new HashSet<>();
    // That one of three is missing after 1,000 throws has a chance of 10 to the power of -175.
    for (int i = 0; i < 1_000; i++) {
      met.add(random.nodeFor(77));
    }
    assertEquals(Set.of(2, 4, 9), met);
  }

  @Test
  void weightsDoNotCount() {
    double[] shares =
        Distributions.byName("random")
            .create(Members.weighted(1, 100, 10), DistributionOptions.DEFAULT)
            .shares(3);
    for (double share : shares) {
      assertEquals(1 / 3.0, share);
    }
  }
}
