package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModulaTest {
  @Test
  void aNodeHasAsManyConsecutiveSlotsAsItsWeight() {
    Distribution modula = create(Members.weighted(2, 1, 3));
    int[] expected = {0, 0, 1, 2, 2, 2};
    for (int slot = 0; slot < expected.length; slot++) {
      assertEquals(expected[slot], modula.nodeFor(slot));
      assertEquals(expected[slot], modula.nodeFor(6_000 + slot));
    }
  }

  @Test
  void slotsAreInTheOrderOfNames() {
    Distribution modula =
        create(List.of(new Member(0, "long-name", 1, List.of()), new Member(1, "z", 1, List.of())));
    assertEquals(1, modula.nodeFor(0));
    assertEquals(0, modula.nodeFor(1));
  }

  @Test
  void theHashIsUnsigned() {
    assertEquals(0, create(Members.equal(3)).nodeFor((int) 4294967295L), "4294967295 mod 3 is 0");
    assertEquals(2, create(Members.equal(3)).nodeFor((int) 4294967294L));
  }

  @Test
  void sharesCountTheHashesExactly() {
    double[] shares = create(Members.weighted(2, 1)).shares(3);
    assertEquals(2863311531L / 0x1p32, shares[0], "2 slots of 1431655766 and 1431655765 hashes");
    assertEquals(1431655765L / 0x1p32, shares[1]);
    assertEquals(0, shares[2]);
  }

  @Test
  void weightsBeyond16MillionAreAnError() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> create(Members.weighted(Integer.MAX_VALUE, Integer.MAX_VALUE)));
    assertEquals(
        "modula: the weights add up to 4294967294, 16777216 is the most: divide them by their"
            + " common factor",
        error.getMessage());
  }

  private static Distribution create(List<Member> members) {
    return Distributions.byName("modula").create(members, DistributionOptions.DEFAULT);
  }
}
