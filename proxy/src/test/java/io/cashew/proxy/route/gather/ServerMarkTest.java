package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cashew.proxy.backend.NodeAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
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

  /** A name that had an address when its node was made. */
  private static NodeAddress name(@Nullable SocketAddress home) {
    return new NodeAddress() {
      @Override
      public String text() {
        return "cache.example:6379";
      }

      @Override
      public @Nullable SocketAddress current() {
        return home;
      }

      @Override
      public void refresh() {}
    };
  }

  @Test
  void aNameThatHasMovedHasAnotherMark() {
    ServerMark there = ServerMark.of(name(new InetSocketAddress("10.0.0.1", 6379)));
    assertEquals(ONE, there);
    assertEquals(OTHER, ServerMark.of(name(new InetSocketAddress("10.0.0.2", 6379))));
    assertEquals(ServerMark.of("cache.example:6379"), ServerMark.of(name(null)));
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
