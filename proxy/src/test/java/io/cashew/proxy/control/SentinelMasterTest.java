package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.PrimaryWatch.Found;
import io.cashew.proxy.topology.SentinelMaster;
import io.cashew.proxy.topology.Sentinels;
import io.cashew.proxy.topology.ServerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is found to be primary while real Sentinels watch real servers. */
final class SentinelMasterTest {
  private SentinelRing ring;
  private @Nullable WatchedPrimary running;

  @BeforeEach
  void start(@TempDir Path directory) {
    ring = new SentinelRing(directory, 3);
  }

  @AfterEach
  void stop() {
    if (running != null) {
      running.close();
    }
    ring.close();
  }

  private void watch(List<String> sentinels, String master) {
    running =
        new WatchedPrimary(
            (asking, control) ->
                new SentinelMaster(
                    "node 'n' of pool 'p'",
                    master,
                    new Sentinels(sentinels, asking, control),
                    asking,
                    control));
  }

  private WatchedPrimary watched() {
    if (running == null) {
      throw new IllegalStateException("nothing is watched");
    }
    return running;
  }

  private void watch(List<String> sentinels) {
    watch(sentinels, SentinelRing.MASTER);
  }

  private Found former() {
    return Found.at(ring.primary().address());
  }

  private Found next() {
    return Found.at(ring.replica().address());
  }

  @Test
  void aPlannedFailoverIsFollowed() {
    watch(ring.addresses());
    watched().await(former());
    ring.failOver();
    watched().await(next());
    assertEquals(List.of(former(), next()), proven());
  }

  @Test
  void replicasAreThoseOfWhichTheSentinelsTell() {
    watch(ring.addresses());
    watched().await(former());
    Await.until(
        () -> "" + watched().replicas(),
        () -> watched().replicas().equals(List.of(ring.replica().address())));
    ring.failOver();
    watched().await(next());
    Await.until(
        () -> "" + watched().replicas(),
        () -> watched().replicas().equals(List.of(ring.primary().address())));
  }

  @Test
  void aKilledPrimaryIsReplaced() {
    watch(ring.addresses());
    watched().await(former());
    ring.primary().close();
    watched().await(next());
    assertEquals(List.of(former(), next()), watched().found());
  }

  @Test
  void oneConfiguredSentinelTellsOfTheOthers() {
    watch(ring.addresses().subList(0, 1));
    watched().await(former());
    ring.sentinels().get(0).close(); // the others go on
    ring.failOver(ring.sentinels().get(1));
    watched().await(next());
  }

  @Test
  void oneThatIsFrozenHasNoEffect() {
    watch(ring.addresses());
    watched().await(former());
    ring.sentinels().get(2).freeze();
    ring.failOver();
    watched().await(next());
  }

  @Test
  void oneThatLiesHasNoEffect() {
    try (MisbehavingNode liar = MisbehavingNode.start();
        RealRedis stranger = RealRedis.start()) {
      liar.behave((connection, request) -> lie(connection, request, stranger));
      List<String> addresses = new ArrayList<>(ring.addresses());
      addresses.add(0, "127.0.0.1:" + liar.port());
      watch(addresses);
      watched().await(former());
      liar.sayToAll(
          message(
              "+switch-master",
              SentinelRing.MASTER
                  + " 127.0.0.1 "
                  + ring.primary().port()
                  + " 127.0.0.1 "
                  + stranger.port()));
      ring.failOver();
      watched().await(next());
      assertEquals(List.of(former(), next()), proven());
      Await.until(
          "the former is a replica",
          () -> List.of(ring.primary().address()).equals(watched().replicas()));
    }
  }

  /** One that would stop writes for good, see {@code FailoverClaimsTest}. */
  @Test
  void oneThatSaysThatItReplacesThePrimaryMovesNothing() {
    try (MisbehavingNode liar = MisbehavingNode.start()) {
      liar.behave(
          (connection, request) -> {
            if (String.join(" ", request).equals("SENTINEL MASTER " + SentinelRing.MASTER)) {
              connection.reply(
                  "*2\r\n"
                      + MisbehavingNode.bulk("flags")
                      + MisbehavingNode.bulk("master,failover_in_progress,force_failover"));
            } else {
              lie(connection, request, ring.primary());
            }
          });
      List<String> addresses = new ArrayList<>(ring.addresses());
      addresses.add(0, "127.0.0.1:" + liar.port());
      watch(addresses);
      watched().await(former());
      Await.until("writes wait", () -> watched().isBeingReplaced());
      liar.behave((connection, request) -> lie(connection, request, ring.primary()));
      Await.until("they do not any more", () -> !watched().isBeingReplaced());
      assertEquals(List.of(former()), proven());
    }
  }

  @Test
  void theFormerTakesNoWritesOnceMostNameAServerThatDoesNotConfirmIt() {
    try (MisbehavingNode liar = MisbehavingNode.start()) {
      liar.behave((connection, request) -> lie(connection, request, ring.primary()));
      watch(List.of("127.0.0.1:" + liar.port()));
      watched().await(former());
      liar.behave((connection, request) -> lie(connection, request, ring.replica()));
      Await.until(
          () -> "nobody: " + watched().found(),
          () -> {
            List<Found> found = watched().found();
            return found.get(found.size() - 1).why().contains("says that it is a replica of");
          });
      assertEquals(List.of(former()), proven());
    }
  }

  @Test
  void oneThatWatchesAnotherServerHasNoEffect() {
    try (RealRedis stranger = RealRedis.start();
        RawClient stale = ring.sentinels().get(2).connect()) {
      stale.send("SENTINEL", "REMOVE", SentinelRing.MASTER);
      stale.send(
          "SENTINEL", "MONITOR", SentinelRing.MASTER, "127.0.0.1", "" + stranger.port(), "2");
      watch(ring.addresses());
      watched().await(former());
      ring.failOver();
      watched().await(next());
      assertEquals(List.of(former(), next()), proven());
    }
  }

  private List<Found> proven() {
    return watched().found().stream().filter(each -> each.primary().isPresent()).toList();
  }

  private static void lie(
      MisbehavingNode.Connection connection, List<String> request, RealRedis stranger)
      throws IOException {
    String what = String.join(" ", request);
    if (what.startsWith("SENTINEL MYID")) {
      connection.reply(MisbehavingNode.bulk("f".repeat(40)));
    } else if (what.startsWith("SENTINEL GET-MASTER-ADDR-BY-NAME")) {
      connection.reply(
          "*2\r\n"
              + MisbehavingNode.bulk("127.0.0.1")
              + MisbehavingNode.bulk("" + stranger.port()));
    } else if (what.startsWith("SENTINEL SENTINELS") || what.startsWith("SENTINEL MASTER")) {
      connection.reply("*0\r\n");
    } else if (what.startsWith("SENTINEL REPLICAS")) {
      connection.reply(
          "*1\r\n*4\r\n"
              + MisbehavingNode.bulk("ip")
              + MisbehavingNode.bulk("127.0.0.1")
              + MisbehavingNode.bulk("port")
              + MisbehavingNode.bulk("" + stranger.port()));
    } else if (what.startsWith("SUBSCRIBE")) {
      connection.reply(
          "*3\r\n$9\r\nsubscribe\r\n" + MisbehavingNode.bulk(request.get(1)) + ":1\r\n");
    }
  }

  private static String message(String channel, String text) {
    return "*3\r\n$7\r\nmessage\r\n" + MisbehavingNode.bulk(channel) + MisbehavingNode.bulk(text);
  }

  @Test
  void whileAllAreGoneWhatWasKnownStays() {
    watch(ring.addresses());
    watched().await(former());
    ring.sentinels().forEach(RealRedis::freeze);
    watched().onControl(() -> watched().watch().hint(new Hint.Lost(ServerId.NOBODY)));
    try (RawClient client = ring.replica().connect()) {
      client.send("REPLICAOF", "NO", "ONE"); // what it says alone proves nothing
    }
    ring.sentinels().forEach(RealRedis::thaw);
    ring.failOver();
    watched().await(next());
    assertEquals(List.of(former(), next()), proven());
  }

  @Test
  void whereNoneAnswersNobodyIsPrimaryUntilMostDo() {
    ring.sentinels().forEach(RealRedis::freeze);
    watch(ring.addresses());
    Await.until("something is found", () -> !watched().found().isEmpty());
    Found nobody = watched().found().get(0);
    assertTrue(nobody.why().contains("0 of 3 Sentinels answer"), nobody.why());
    ring.sentinels().get(0).thaw();
    ring.sentinels().get(1).thaw();
    watched().await(former());
  }

  @Test
  void aNameThatNoneKnowsIsSaid() {
    watch(ring.addresses(), "other");
    Await.until(
        () -> "" + watched().found(),
        () ->
            watched().found().stream()
                .anyMatch(each -> each.why().contains("know no master 'other'")));
  }

  @Test
  void aPrimaryThatWasMadeAReplicaByHandTakesNoWrites() {
    watch(ring.addresses());
    watched().await(former());
    ring.sentinels().forEach(RealRedis::freeze); // or they would mend it
    try (RawClient client = ring.primary().connect()) {
      client.send("REPLICAOF", "127.0.0.1", "" + ring.replica().port());
    }
    watched()
        .onControl(
            () ->
                watched()
                    .watch()
                    .hint(new Hint.Refused(new ServerId(ring.primary().address(), 0))));
    Await.until(
        () -> "" + watched().found(),
        () -> watched().found().stream().anyMatch(each -> each.primary().isEmpty()));
  }

  @Test
  void aReplicaThatSaysThatItIsPrimaryIsARivalUntilItFollowsAgain() {
    watch(ring.addresses());
    watched().await(former());
    Await.until(
        "the replica is known",
        () -> watched().replicas().equals(List.of(ring.replica().address())));
    try (RawClient replica = ring.replica().connect()) {
      assertEquals("OK", replica.send("REPLICAOF", "NO", "ONE"));
      Await.until(
          "it is a rival",
          () -> watched().watch().rivals().equals(List.of(ring.replica().address())));
      assertEquals(List.of(former()), proven(), "nothing is sent to it");
      assertEquals("OK", replica.send("REPLICAOF", "127.0.0.1", "" + ring.primary().port()));
    }
    Await.until("it is none any more", () -> watched().watch().rivals().isEmpty());
  }
}
