package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.topology.AddressList;
import io.cashew.proxy.topology.PrimaryWatch.Found;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is found to be primary among real servers that no Sentinel watches. */
final class AddressListTest {
  private RealRedis one;
  private RealRedis other;
  private WatchedPrimary watched;

  @BeforeEach
  void start() {
    one = RealRedis.start("--repl-diskless-sync-delay", "0");
    other = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port());
    SentinelRing.awaitReplica(one, other);
    // The replica first: nothing follows from the order.
    List<String> addresses = List.of(other.address(), one.address());
    watched =
        new WatchedPrimary(
            (asking, control) ->
                new AddressList("node 'n' of pool 'p'", addresses, asking, control));
    watched.await(Found.at(one.address()));
  }

  @AfterEach
  void stop() {
    watched.close();
    other.close();
    one.close();
  }

  private static void send(RealRedis to, String... words) {
    try (RawClient client = to.connect()) {
      client.send(words);
    }
  }

  @Test
  void aReplicaThatIsPromotedByHandIsFollowedWhenTheFormerFollowsIt() {
    send(other, "REPLICAOF", "NO", "ONE");
    send(one, "SET", "k", "written after it");
    send(one, "REPLICAOF", "127.0.0.1", "" + other.port());
    watched.await(Found.at(other.address()));
    assertEquals(List.of(one.address()), watched.replicas());
  }

  @Test
  void aReplicaThatIsPromotedAfterTheDeathOfItsPrimaryIsFollowed() {
    one.close();
    send(other, "REPLICAOF", "NO", "ONE");
    watched.await(Found.at(other.address()));
  }

  @Test
  void ofTwoPrimariesTheFormerStays() {
    send(other, "REPLICAOF", "NO", "ONE");
    send(other, "SET", "k", "here");
    awaitRounds();
    assertEquals(List.of(Found.at(one.address())), watched.found());
  }

  @Test
  void whileTwoSayThatTheyArePrimaryNobodyIsSettled() {
    send(other, "REPLICAOF", "NO", "ONE");
    List<Optional<String>> doubts = new CopyOnWriteArrayList<>();
    watched.onControl(() -> watched.watch().settle(doubts::add));
    Await.until("two are seen", () -> watched.watch().rivals().equals(List.of(other.address())));
    send(one, "REPLICAOF", "127.0.0.1", "" + other.port());
    Await.until("it is settled", () -> !doubts.isEmpty());
    assertEquals(List.of(Optional.<String>empty()), doubts);
    List<Found> found = watched.found();
    assertEquals(Found.at(other.address()), found.get(found.size() - 1));
  }

  @Test
  void anEmptyServerInThePlaceOfTheReplicaIsNotBelieved() {
    int port = other.port();
    other.close();
    other = RealRedis.startAt(port);
    one.close();
    awaitRounds();
    assertEquals(List.of(Found.at(one.address())), watched.found());
  }

  @Test
  void aPrimaryThatIsMadeAReplicaByHandTakesNoWrites() {
    send(one, "REPLICAOF", "127.0.0.1", "" + other.port());
    Await.until(
        () -> "" + watched.found(),
        () -> watched.found().stream().anyMatch(each -> each.primary().isEmpty()));
    send(one, "REPLICAOF", "NO", "ONE");
    watched.await(Found.at(one.address()));
  }

  /** The other server has been asked three times more. */
  private void awaitRounds() {
    try (RawClient client = other.connect()) {
      client.send("CONFIG", "RESETSTAT");
      int[] own = {0};
      Await.until(
          "three rounds",
          () -> {
            String said = (String) client.send("INFO", "commandstats");
            own[0]++;
            Matcher asked = Pattern.compile("cmdstat_info:calls=(\\d+)").matcher(said + "");
            return asked.find() && Integer.parseInt(asked.group(1)) - own[0] + 1 >= 3;
          });
    }
  }
}
