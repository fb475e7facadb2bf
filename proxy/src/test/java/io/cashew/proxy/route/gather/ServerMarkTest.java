package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Cursors that only the server understands from which they are. */
final class ServerMarkTest {
  private static final ServerMark ONE = ServerMark.of("10.0.0.1:6379");
  private static final ServerMark OTHER = ServerMark.of("10.0.0.2:6379");
  private static final long MOST = Long.MAX_VALUE >>> ServerMark.BITS;

  @Test
  void aServerGetsItsOwnCursorBackAndAnotherOneBeginsAnew() {
    assertNotEquals(ONE, OTHER);
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      long cursor = random.nextLong(MOST) + 1;
      long marked = ONE.marked(cursor).orElseThrow();
      assertEquals(cursor, ONE.unmarked(marked));
      assertEquals(0, OTHER.unmarked(marked));
    }
  }

  @Test
  void whatHasNoRoomIsNoCursor() {
    assertEquals(MOST, ONE.unmarked(ONE.marked(MOST).orElseThrow()));
    assertEquals(OptionalLong.empty(), ONE.marked(MOST + 1));
    assertEquals(OptionalLong.empty(), ONE.marked(Long.MAX_VALUE));
  }

  @Test
  void cursorsOfTheUpperHalfAreLeftAsTheyAre() {
    for (long cursor : new long[] {Long.MIN_VALUE, -1}) {
      assertEquals(OptionalLong.of(cursor), ONE.marked(cursor));
      assertEquals(cursor, OTHER.unmarked(cursor));
    }
  }

  @Test
  void theBeginningIsThatOfEveryServer() {
    assertEquals(0, ONE.unmarked(0));
  }
}
