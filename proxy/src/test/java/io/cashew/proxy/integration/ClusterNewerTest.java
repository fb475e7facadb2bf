package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What servers have from 7.0 on, in a Cluster. Runs where such a server is installed. */
final class ClusterNewerTest {
  private static final int PRIMARIES = 3;
  private static final String LIBRARY =
      """
      #!lua name=%s
      redis.register_function('set_%s', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
      redis.register_function{function_name='get_%s', callback=function(keys)
        return redis.call('GET', keys[1]) end, flags={'no-writes'}}
      """;

  private static RealCluster cluster;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    try (RealRedis probe = RealRedis.startInstalled().orElse(null)) {
      assumeTrue(probe != null, "no redis-server is installed");
    }
    cluster = RealCluster.startInstalled(PRIMARIES, 1);
    proxy =
        new TestProxy.Builder()
            .workers(2)
            .timeoutMillis(20_000)
            .adminCommandsToAllNodes()
            .cluster(cluster.server(0))
            .start();
    ClusterTest.awaitServed(proxy);
    try (RawClient client = proxy.connect()) {
      assumeTrue(
          !(client.send("FUNCTION", "LIST") instanceof ErrorReply), "the redis-server is older");
    }
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      proxy.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  /** A key of each primary. */
  private static List<String> keys() {
    return List.of(
        RealCluster.keyOf(7),
        RealCluster.keyOf(RealCluster.SLOTS / 2),
        RealCluster.keyOf(RealCluster.SLOTS - 7));
  }

  private static int libraries(RawClient client) {
    return assertInstanceOf(List.class, client.send("FUNCTION", "LIST")).size();
  }

  private static void assertLibraries(int count, RawClient client) {
    assertEquals(count, libraries(client));
    for (int i = 0; i < PRIMARIES; i++) {
      try (RawClient direct = cluster.server(i).connect()) {
        assertEquals(count, libraries(direct), "at server " + i);
      }
    }
  }

  @Test
  void aLibraryIsThatOfEveryPrimary() {
    try (RawClient client = proxy.connect()) {
      for (String name : List.of("one", "two")) {
        assertEquals(name, client.send("FUNCTION", "LOAD", LIBRARY.formatted(name, name, name)));
      }
      assertLibraries(2, client);
      assertEquals(
          new ErrorReply("ERR Library 'one' already exists"),
          client.send("FUNCTION", "LOAD", LIBRARY.formatted("one", "one", "one")));
      for (String key : keys()) {
        assertEquals("OK", client.send("FCALL", "set_one", "1", key, "value of " + key));
        assertEquals("value of " + key, client.send("FCALL_RO", "get_two", "1", key));
        assertEquals("value of " + key, client.send("GET", key));
      }
      assertEquals(
          new ErrorReply("CROSSSLOT Keys in request don't hash to the same slot"),
          client.send("FCALL", "set_one", "2", keys().get(0), keys().get(1), "value"));
      assertEquals("OK", client.send("FUNCTION", "DELETE", "one"));
      assertLibraries(1, client);
      for (String key : keys()) {
        assertInstanceOf(ErrorReply.class, client.send("FCALL", "set_one", "1", key, "other"));
        assertEquals("value of " + key, client.send("FCALL_RO", "get_two", "1", key));
      }
      Object dump = client.send("FUNCTION", "DUMP");
      assertEquals("OK", client.send("FUNCTION", "FLUSH"));
      assertLibraries(0, client);
      assertEquals("OK", client.send("FUNCTION", "RESTORE", String.valueOf(dump)));
      assertLibraries(1, client);
      assertEquals("OK", client.send("FUNCTION", "FLUSH"));
    }
  }

  /** A server takes messages to channels of its own slots only. */
  @Test
  void replicasOfEveryPrimaryAreWaitedFor() {
    try (RawClient client = proxy.connect()) {
      for (String key : keys()) {
        assertEquals("OK", client.send("SET", key, "1"));
        assertEquals(List.of("k", "v"), blocked(client, key));
        Object said = client.send("WAIT", "1", "9000");
        assertEquals(1L, said);
      }
      assertEquals(1L, client.send("WAIT", "2", "50"));
    }
  }

  /**
   * Writes over a connection of the client's own, so that no shared one tells what it has written.
   */
  private static Object blocked(RawClient client, String key) {
    try (RawClient other = proxy.connect()) {
      assertTrue((Long) other.send("RPUSH", key + "list", "v") > 0);
    }
    Object popped = client.send("BLPOP", key + "list", "9");
    return popped instanceof List<?> both ? List.of("k", both.get(1)) : popped;
  }
}
