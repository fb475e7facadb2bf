package io.cashew.proxy.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VerdictTest {
  private static Verdict of(String error) {
    ByteBuf buf = Unpooled.wrappedBuffer(Replies.bytes("+OK\r\n" + error + "\r\n:1\r\n"));
    return Verdict.of(buf, 5, error.length() + 2);
  }

  @ParameterizedTest
  @CsvSource({
    "MOVED, -MOVED 3999 127.0.0.1:6381",
    "ASK, -ASK 3999 127.0.0.1:6381",
    "TRYAGAIN, -TRYAGAIN Multiple keys request during rehashing of slot",
    "READONLY, -READONLY You can't write against a read only replica.",
    "LOADING, -LOADING Redis is loading the dataset in memory",
    "MASTERDOWN, -MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "CLUSTERDOWN, -CLUSTERDOWN The cluster is down",
    "LOADING, -LOADING"
  })
  void whatRedisSaysOfARequestThatItDidNotExecute(Verdict expected, String error) {
    assertEquals(expected, of(error));
    assertTrue(expected.notExecuted());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR unknown command",
        "-ASKED",
        "-MOVE 1",
        "-MOVEDX 1",
        "-",
        "-moved 1 a:1",
        "-M",
        "-WRONGTYPE x"
      })
  void anyOtherErrorIsTheAnswer(String error) {
    assertEquals(Verdict.ANSWER, of(error));
    assertFalse(Verdict.ANSWER.notExecuted());
  }

  @Test
  void nothingBehindTheErrorIsLookedAt() {
    ByteBuf buf = Unpooled.wrappedBuffer(Replies.bytes("-MOVED 1 a:1\r\n"));
    for (int length = 1; length < 7; length++) {
      assertEquals(Verdict.ANSWER, Verdict.of(buf, 0, length), "of " + length + " bytes");
    }
    assertEquals(Verdict.MOVED, Verdict.of(buf, 0, 7));
  }
}
