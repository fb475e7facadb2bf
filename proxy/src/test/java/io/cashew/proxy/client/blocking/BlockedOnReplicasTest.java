package io.cashew.proxy.client.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class BlockedOnReplicasTest {
  @Test
  void readsTheNumbersOfEitherReply() {
    assertArrayEquals(new long[] {3}, BlockedOnReplicas.numbers(":3"));
    assertArrayEquals(new long[] {1, 0}, BlockedOnReplicas.numbers("*2\r\n:1\r\n:0"));
    assertNull(BlockedOnReplicas.numbers("-ERR unknown command"));
  }

  @Test
  void bothQuestionsCountTooFewAtMost() {
    assertArrayEquals(
        new long[] {1, 2}, BlockedOnReplicas.most(new long[] {1, 0}, new long[] {0, 2}));
    assertArrayEquals(new long[] {1}, BlockedOnReplicas.most(new long[] {1}, null));
    assertArrayEquals(new long[] {1}, BlockedOnReplicas.most(new long[] {1}, new long[] {5, 5}));
  }

  @Test
  void theNodeWithFewestReplicasCounts() {
    assertArrayEquals(
        new long[] {0, 1}, BlockedOnReplicas.least(new long[] {1, 1}, new long[] {0, 2}));
    assertArrayEquals(new long[] {4}, BlockedOnReplicas.least(new long[] {4}, null));
  }
}
