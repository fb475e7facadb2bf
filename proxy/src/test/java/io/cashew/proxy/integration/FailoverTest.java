package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool's clients while other servers become primaries. */
final class FailoverTest {
  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().workers(2);
  }

  private static TestProxy of(SentinelRing ring) {
    return builder()
        .master("n", SentinelRing.MASTER, ring.sentinels().toArray(RealRedis[]::new))
        .start();
  }

  /** Waits until a write succeeds. */
  private static void awaitWrite(RawClient client, String value) {
    Object[] last = {null};
    Await.until(
        () -> "a write succeeds: " + last[0],
        () -> {
          last[0] = client.send("SET", "key", value);
          return "OK".equals(last[0]);
        });
  }

  private static Object get(RealRedis server) {
    try (RawClient direct = server.connect()) {
      return String.valueOf(direct.send("GET", "key"));
    }
  }

  @Test
  void clientsStayWhileTheSentinelsFailOver(@TempDir Path directory) {
    try (SentinelRing ring = new SentinelRing(directory, 3);
        TestProxy proxy = of(ring);
        RawClient client = new RawClient(proxy.port())) {
      awaitWrite(client, "before");
      assertEquals("before", get(ring.primary()));
      ring.failOver();
      Await.until(
          "the proxy follows",
          () ->
              proxy
                  .view()
                  .pools()
                  .get(0)
                  .nodes()
                  .get(0)
                  .address()
                  .equals(ring.replica().address()));
      // A worker may go over a moment after that is said.
      Await.until(
          "writes go to the new primary",
          () -> {
            awaitWrite(client, "after");
            return "after".equals(get(ring.replica()));
          });
    }
  }

  @Test
  void clientsStayWhileAPrimaryIsKilled(@TempDir Path directory) {
    try (SentinelRing ring = new SentinelRing(directory, 3);
        TestProxy proxy = of(ring);
        RawClient client = new RawClient(proxy.port())) {
      awaitWrite(client, "before");
      ring.primary().close();
      awaitWrite(client, "after");
      assertEquals("after", get(ring.replica()));
    }
  }

  @Test
  void anAddressListFollowsAFailoverByHand() {
    try (RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      SentinelRing.awaitReplica(one, two);
      try (TestProxy proxy = builder().among("n", two.port(), one.port()).start();
          RawClient client = new RawClient(proxy.port())) {
        awaitWrite(client, "before");
        assertEquals("before", get(one));
        try (RawClient first = one.connect();
            RawClient second = two.connect()) {
          assertEquals("OK", second.send("REPLICAOF", "NO", "ONE"));
          assertEquals("OK", first.send("REPLICAOF", "127.0.0.1", "" + two.port()));
        }
        awaitWrite(client, "after");
        assertEquals("after", get(two));
      }
    }
  }

  @Test
  void withoutSentinelsTheErrorSaysWhyThereIsNoPrimary() {
    RealRedis gone = RealRedis.start();
    gone.close();
    try (TestProxy proxy = builder().master("n", "main", gone).start();
        RawClient client = new RawClient(proxy.port())) {
      String start = "ERR node 'n' of pool 'test' has no primary: 0 of 1 Sentinels answer";
      Object[] last = {null};
      Await.until(
          () -> "the error says why: " + last[0],
          () -> {
            last[0] = client.send("SET", "key", "v");
            return last[0] instanceof ErrorReply reply && reply.text().startsWith(start);
          });
    }
  }

  @Test
  void aPlannedFailoverOfAnAddressListCostsWritesNothingButTime() {
    try (RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      SentinelRing.awaitReplica(one, two);
      try (TestProxy proxy =
              builder()
                  .with(HealthSettings.FAILOVER_WAIT, 20_000L)
                  .timeoutMillis(20_000)
                  .among("n", one.port(), two.port())
                  .start();
          RawClient first = one.connect();
          RawClient second = two.connect();
          RawClient client = new RawClient(proxy.port())) {
        assertEquals("OK", client.send("SET", "key", "before"));
        assertEquals("OK", first.send("REPLICAOF", "127.0.0.1", "" + two.port()));
        client.write(RawClient.request("SET", "key", "after")); // nobody takes it yet
        assertEquals("OK", second.send("REPLICAOF", "NO", "ONE"));
        assertEquals("OK", client.read());
        assertEquals("after", get(two));
      }
    }
  }

  @Test
  void requestsOfTheStartWaitUntilThePrimaryIsKnown(@TempDir Path directory) {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      ring.sentinels().forEach(RealRedis::freeze);
      try (TestProxy proxy =
              builder()
                  .with(HealthSettings.FAILOVER_WAIT, 20_000L)
                  .master("n", SentinelRing.MASTER, ring.sentinels().toArray(RealRedis[]::new))
                  .start();
          RawClient client = new RawClient(proxy.port())) {
        client.write(RawClient.request("SET", "key", "v"));
        ring.sentinels().forEach(RealRedis::thaw);
        assertEquals("OK", client.read());
      }
    }
  }

  @Test
  void serversThatAreReachedWithAPasswordAreAskedWithIt() {
    try (RealRedis one = RealRedis.start("--requirepass", "secret")) {
      try (TestProxy proxy = builder().among("n", one.port()).nodePassword("secret").start();
          RawClient client = new RawClient(proxy.port())) {
        awaitWrite(client, "v");
      }
      try (TestProxy proxy = builder().among("n", one.port()).nodePassword("wrong").start();
          RawClient client = new RawClient(proxy.port())) {
        Await.until(
            "the error says why",
            () ->
                client.send("GET", "key") instanceof ErrorReply reply
                    && reply.text().contains("refuses the login"));
      }
    }
  }

  @Test
  void twoPoolsShareTheConnectionsToTheirSentinels(@TempDir Path directory) {
    try (SentinelRing ring = new SentinelRing(directory, 3);
        RawClient sentinel = ring.sentinels().get(0).connect()) {
      int before = connections(sentinel);
      RealRedis[] sentinels = ring.sentinels().toArray(RealRedis[]::new);
      try (TestProxy proxy =
              builder()
                  .master("n", SentinelRing.MASTER, sentinels)
                  .master("m", SentinelRing.MASTER, sentinels)
                  .start();
          RawClient client = new RawClient(proxy.port())) {
        awaitWrite(client, "v");
        assertEquals(before + 2, connections(sentinel));
      }
    }
  }

  private static int connections(RawClient sentinel) {
    String list = assertInstanceOf(String.class, sentinel.send("CLIENT", "LIST"));
    return (int)
        List.of(list.split("\n", -1)).stream()
            .filter(line -> line.contains("name= ") && !line.isBlank())
            .count();
  }
}
