package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.topology.Copies;
import java.math.BigInteger;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Cursors over several nodes: exact in 64 bits, or none. */
final class ScanCursorTest {
  private static final BigInteger END = BigInteger.ONE.shiftLeft(64);

  private static BigInteger unsigned(long number) {
    return new BigInteger(Long.toUnsignedString(number));
  }

  @Test
  void aCursorLeadsBackToItsNodeAndItsCursorThereOrDoesNotExist() {
    Random random = new Random(7);
    for (int nodes : List.of(2, 3, 7, 64, 1000)) {
      Copies copies = Copies.none(nodes);
      for (int i = 0; i < 2_000; i++) {
        int node = random.nextInt(nodes);
        long next = i == 0 ? -1L : random.nextLong() >>> random.nextInt(64);
        if (next == 0) {
          continue;
        }
        BigInteger exact =
            unsigned(next).multiply(BigInteger.valueOf(nodes)).add(BigInteger.valueOf(node));
        OptionalLong cursor = new ScanCursor(node, 0).after(next, copies);
        assertEquals(exact.compareTo(END) < 0, cursor.isPresent(), exact::toString);
        if (cursor.isPresent()) {
          assertEquals(exact, unsigned(cursor.getAsLong()));
          assertEquals(new ScanCursor(node, next), ScanCursor.of(cursor.getAsLong(), copies));
        }
      }
    }
  }

  @Test
  void theLargestCursorThatHasRoomIsTheLast() {
    long most = Long.divideUnsigned(-1L, 2); // 2^63 - 1
    Copies two = Copies.none(2);
    assertEquals(OptionalLong.of(-1L), new ScanCursor(1, 0).after(most, two));
    assertEquals(OptionalLong.of(-2L), new ScanCursor(0, 0).after(most, two));
    assertEquals(OptionalLong.empty(), new ScanCursor(0, 0).after(most + 1, two));
    assertEquals(OptionalLong.empty(), new ScanCursor(1, 0).after(-1L, two));
  }

  @Test
  void oneOfTheNamesOfAServerIsVisited() {
    Copies copies = new Copies(false, List.of(0, 1, 0, 3), List.of(2, 1, 3), List.of(2, 1, 3));
    assertEquals(new ScanCursor(2, 0), ScanCursor.of(0, copies));
    long within = new ScanCursor(2, 0).after(5, copies).getAsLong();
    assertEquals(22, within);
    assertEquals(new ScanCursor(2, 5), ScanCursor.of(within, copies));
    assertEquals(OptionalLong.of(1), new ScanCursor(2, 5).after(0, copies));
    assertEquals(OptionalLong.of(3), new ScanCursor(1, 5).after(0, copies));
    assertEquals(OptionalLong.of(0), new ScanCursor(3, 5).after(0, copies));
  }

  @Test
  void anIterationOverCopiesStaysWhereItBegan() {
    Copies first = new Copies(true, List.of(0, 0), List.of(0), List.of(0, 1));
    Copies second = new Copies(true, List.of(0, 0), List.of(1), List.of(0, 1));
    long cursor = new ScanCursor(0, 0).after(9, first).getAsLong();
    assertEquals(new ScanCursor(0, 9), ScanCursor.of(cursor, second));
    assertEquals(OptionalLong.of(0), new ScanCursor(0, 9).after(0, second));
    assertEquals(new ScanCursor(1, 0), ScanCursor.of(0, second));
  }
}
