package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReplicationStateTest {
  private static final String ONE = "1".repeat(40);
  private static final String TWO = "2".repeat(40);
  private static final String NONE = "0".repeat(40);

  private static Optional<ReplicationState> read(String... lines) {
    return ReplicationState.of(
        new ReplyValue('$', String.join("\r\n", lines) + "\r\n", List.of(), false));
  }

  @Test
  void aPrimaryThatHasTakenOverNamesBothHistories() {
    ReplicationState state =
        read(
                "# Replication",
                "role:master",
                "connected_slaves:0",
                "master_replid:" + TWO,
                "master_replid2:" + ONE,
                "master_repl_offset:120",
                "second_repl_offset:101")
            .orElseThrow();
    assertEquals(new ReplicationState(true, TWO, ONE, 101, 120, false), state);
    assertTrue(state.has(ONE));
    assertTrue(state.has(TWO));
    assertFalse(state.has(NONE));
    assertFalse(state.has(""));
  }

  @Test
  void aReplicaSaysHowFarItIs() {
    assertEquals(
        Optional.of(new ReplicationState(false, ONE, "", -1, 90, true)),
        read(
            "role:slave",
            "master_link_status:up",
            "slave_repl_offset:90",
            "master_replid:" + ONE,
            "master_replid2:" + NONE,
            "master_repl_offset:95",
            "second_repl_offset:-1"));
  }

  @Test
  void whatSaysNoRoleIsNoState() {
    assertEquals(Optional.empty(), read("redis_mode:sentinel"));
    assertEquals(Optional.empty(), read("role:king"));
    assertEquals(Optional.empty(), ReplicationState.of(null));
    assertEquals(
        Optional.empty(), ReplicationState.of(new ReplyValue('-', "NOAUTH", List.of(), false)));
  }

  @Test
  void numbersThatAreNoneDoNoHarm() {
    assertEquals(
        Optional.of(new ReplicationState(true, "", "", -1, 0, false)),
        read("role:master", "master_repl_offset:x", "second_repl_offset:", "junk"));
  }
}
