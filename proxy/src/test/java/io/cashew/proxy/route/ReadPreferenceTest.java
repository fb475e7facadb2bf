package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.ReadState;
import io.cashew.proxy.backend.Reading;
import io.cashew.proxy.route.ReadPreference.From;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which server answers a request that only reads. */
final class ReadPreferenceTest {
  private static final long SECOND = 1_000_000_000;

  private final VirtualWorker worker = new VirtualWorker();
  private final Backend primary = backend(new InMemoryServer(worker, "primary"), false);
  private final Backend first = backend(new InMemoryServer(worker, "first"), true);
  private final Backend second = backend(new InMemoryServer(worker, "second"), true);
  private final Backend[] replicas = {first, second};
  private final Reading client = new Reading(0);
  private long now = 100 * SECOND;

  ReadPreferenceTest() {
    isWell(first);
    isWell(second);
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private Backend backend(InMemoryServer server, boolean isReplica) {
    return worker.unheard(
        isReplica
            ? Node.replica("pool", "n", server.address(), (node, cause) -> {})
            : new Node("pool", "n", server.address(), 1, (node, cause) -> {}));
  }

  private void isWell(Backend replica) {
    has(replica, now);
  }

  private static void has(Backend replica, long untilNanos) {
    replica.node().reads(new ReadState(true, untilNanos, false, ""));
  }

  private static void isUnwell(Backend replica) {
    replica.node().reads(new ReadState(false, 0, false, "it is 12000 ms behind"));
  }

  private static void isNear(Backend server) {
    server.node().reads(new ReadState(true, 0, true, ""));
  }

  private @Nullable Backend chosen(From from) {
    return chosen(from, client);
  }

  private @Nullable Backend chosen(From from, Reading by) {
    return new ReadPreference(from, SECOND).choose(0, primary, replicas, by, now, null);
  }

  private Set<Backend> chosenByMany(From from) {
    Set<Backend> chosen = new HashSet<>();
    for (int id = 0; id < 12; id++) {
      Backend one = chosen(from, new Reading(id));
      if (one != null) {
        chosen.add(one);
      }
    }
    return chosen;
  }

  @Test
  void eachPreferenceHasItsServers() {
    assertEquals(Set.of(primary), chosenByMany(From.PRIMARY));
    assertEquals(Set.of(primary), chosenByMany(From.PREFER_PRIMARY));
    assertEquals(Set.of(first, second), chosenByMany(From.PREFER_REPLICA));
    assertEquals(Set.of(first, second), chosenByMany(From.REPLICA));
    assertEquals(Set.of(primary, first, second), chosenByMany(From.ANY));
    assertEquals(Set.of(primary, first, second), chosenByMany(From.NEAREST));
    isNear(second);
    assertEquals(Set.of(second), chosenByMany(From.NEAREST));
    isNear(primary);
    assertEquals(Set.of(primary, second), chosenByMany(From.NEAREST));
  }

  @Test
  void oneThatIsNotWellIsNotRead() {
    isUnwell(first);
    assertEquals(Set.of(second), chosenByMany(From.PREFER_REPLICA));
    assertEquals(Set.of(second), chosenByMany(From.REPLICA));
    assertEquals(Set.of(primary, second), chosenByMany(From.ANY));
  }

  @Test
  void whereNoneIsWellThePrimaryIsReadOrNobody() {
    isUnwell(first);
    isUnwell(second);
    assertSame(primary, chosen(From.PREFER_REPLICA));
    assertSame(primary, chosen(From.ANY));
    assertNull(chosen(From.REPLICA));
    String error = new ReadPreference(From.REPLICA, 0).noReplica(primary, replicas);
    assertTrue(error.startsWith("ERR node 'n' of pool 'pool' has no replica to read from"), error);
    assertTrue(error.contains("it is 12000 ms behind"), error);
  }

  @Test
  void beforeAnybodyHasLookedThePrimaryIsRead() {
    first.node().reads(ReadState.UNKNOWN);
    second.node().reads(ReadState.UNKNOWN);
    assertSame(primary, chosen(From.REPLICA));
  }

  @Test
  void aClientStaysWhereItIsWhileThatIsWell() {
    Backend before = chosen(From.PREFER_REPLICA);
    assertSame(first, before);
    isUnwell(first);
    assertSame(second, chosen(From.PREFER_REPLICA));
    isWell(first);
    assertSame(second, chosen(From.PREFER_REPLICA));
    isUnwell(second);
    assertSame(first, chosen(From.PREFER_REPLICA));
  }

  @Test
  void aServerOfAnotherShardIsNotStayedAt() {
    assertSame(first, chosen(From.PREFER_REPLICA));
    Backend[] others = {second};
    assertSame(
        second,
        new ReadPreference(From.PREFER_REPLICA, 0).choose(0, primary, others, client, now, null));
  }

  @Test
  void oneThatHasJustNotAnsweredIsPassedOver() {
    ReadPreference preference = new ReadPreference(From.PREFER_REPLICA, 0);
    assertSame(second, preference.choose(0, primary, replicas, client, now, first));
    assertSame(
        primary, preference.choose(0, primary, new Backend[] {first}, new Reading(0), now, first));
  }

  @Test
  void whatAClientWritesItReadsAtThePrimaryUntilItsReplicaHasIt() {
    List<From> all = List.of(From.PREFER_REPLICA, From.REPLICA, From.ANY, From.NEAREST);
    for (From from : all) {
      Reading writer = new Reading(0);
      has(first, now);
      assertSame(first, chosen(from, writer));
      writer.writeBegins();
      assertSame(primary, chosen(from, writer));
      writer.writeIsOver(now);
      assertSame(primary, chosen(from, writer));
      now += SECOND - 1;
      assertSame(primary, chosen(from, writer));
      now += 1;
      has(first, now - SECOND - 1);
      assertSame(primary, chosen(from, writer), "the replica may not have it: " + from);
      has(first, now - SECOND);
      assertSame(first, chosen(from, writer));
    }
  }

  @Test
  void whereNobodyNeedsToReadItsWritesOnlyTheirOrderHolds() {
    ReadPreference preference = new ReadPreference(From.PREFER_REPLICA, 0);
    client.writeBegins();
    assertSame(primary, preference.choose(0, primary, replicas, client, now, null));
    client.writeIsOver(now + SECOND);
    assertSame(first, preference.choose(0, primary, replicas, client, now, null));
  }
}
