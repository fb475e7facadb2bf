package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubstitutionTest {
  private static final int HASHES = 20_000;

  @ParameterizedTest
  @CsvSource({
    "ketama, 5, true",
    "ketama, 25, false",
    "modula, 5, true",
    "modula, 8, false",
    "slots, 3, false",
    "slots, 7, false"
  })
  void onlyHashesOfAbsentMembersMoveAndAllOfThemDo(String name, int count, boolean weighted) {
    DistributionFactory factory = Distributions.byName(name);
    List<Member> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Member(i, "10.0.0." + i + ":6379", weighted ? i + 1 : 1, List.of()));
    }
    List<Member> present = all.stream().filter(member -> member.index() % 3 != 1).toList();
    Distribution before = factory.create(all, DistributionOptions.DEFAULT);
    Distribution after = new Substitution(factory, all, present, DistributionOptions.DEFAULT);
    Random random = new Random(7);
    int moved = 0;
    for (int i = 0; i < HASHES; i++) {
      int hash = random.nextInt();
      int from = before.nodeFor(hash);
      int to = after.nodeFor(hash);
      assertTrue(to % 3 != 1, "nothing goes to an absent member");
      if (from % 3 != 1) {
        assertEquals(from, to, "hash " + hash);
      } else {
        moved++;
      }
    }
    assertTrue(moved > 0, "the absent members had hashes");
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void membersWithSlotsOfTheirOwnHaveSubstitutesToo(int absent) {
    List<Member> all =
        List.of(
            new Member(0, "a", 1, List.of(new SlotRange(0, 99))),
            new Member(1, "b", 1, List.of(new SlotRange(100, 9999))),
            new Member(2, "c", 1, List.of(new SlotRange(10_000, 16_383))));
    List<Member> present = all.stream().filter(member -> member.index() != absent).toList();
    Distribution after =
        new Substitution(Distributions.byName("slots"), all, present, DistributionOptions.DEFAULT);
    int[] firstSlots = {0, 100, 10_000};
    for (int i = 0; i < firstSlots.length; i++) {
      int node = after.nodeFor(firstSlots[i]);
      assertTrue(i == absent ? node != absent : node == i);
    }
  }
}
