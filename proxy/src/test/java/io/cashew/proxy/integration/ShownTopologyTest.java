package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ApiRoutes;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees of who is primary: {@code /api/topology}, and the metrics of it. */
final class ShownTopologyTest {

  /** A proxy with its admin address. */
  private record Shown(TestProxy proxy, AdminServer admin) implements AutoCloseable {
    static Shown of(TestProxy.Builder builder) throws IOException {
      TestProxy proxy = builder.start();
      return new Shown(
          proxy,
          AdminServer.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              ApiRoutes.of(proxy::view),
              AdminGuard.open()));
    }

    String topology() {
      try {
        URLConnection connection =
            URI.create("http://127.0.0.1:" + admin.port() + "/api/topology")
                .toURL()
                .openConnection();
        connection.setReadTimeout(30_000);
        try (InputStream body = connection.getInputStream()) {
          return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void await(String... parts) {
      for (String part : parts) {
        Await.until(() -> part + " is in " + topology(), () -> topology().contains(part));
      }
    }

    double failovers() {
      return proxy.metric("cashew_node_failovers_total{");
    }

    long since() {
      String json = topology();
      String field = "\"sinceSeconds\":";
      int start = json.indexOf(field) + field.length();
      return Long.parseLong(json.substring(start, json.indexOf(',', start)));
    }

    @Override
    public void close() {
      admin.close();
      proxy.close();
    }
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().workers(2);
  }

  private static String primary(RealRedis server) {
    return "\"primary\":\"" + server.address() + "\",\"reason\":null";
  }

  private static String reachable(RealRedis sentinel) {
    return "{\"address\":\"" + sentinel.address() + "\",\"reachable\":true,\"reason\":null}";
  }

  @Test
  void aFailoverOfTheSentinelsIsSeen(@TempDir Path directory) throws IOException {
    long started = System.currentTimeMillis() / 1000;
    try (SentinelRing ring = new SentinelRing(directory, 3);
        Shown shown =
            Shown.of(
                builder()
                    // The others are learnt from this one.
                    .master("n", SentinelRing.MASTER, ring.sentinels().get(0)))) {
      shown.await(
          "\"name\":\"n\",\"weight\":1,\"found\":\"master main\"",
          primary(ring.primary()),
          "\"failovers\":0");
      for (RealRedis sentinel : ring.sentinels()) {
        shown.await(reachable(sentinel));
      }
      long before = shown.since();
      assertTrue(started <= before, "since " + before);
      assertEquals(0, shown.failovers());
      ring.failOver();
      shown.await(primary(ring.replica()), "\"failovers\":1");
      assertEquals(1, shown.failovers());
      assertEquals(3, shown.proxy().metric("cashew_sentinels{"));
      assertEquals(3, shown.proxy().metric("cashew_sentinels_reachable{"));
      assertTrue(before <= shown.since(), "since " + shown.since());
      ring.sentinels().get(2).close();
      shown.await(
          "{\"address\":\"" + ring.sentinels().get(2).address() + "\",\"reachable\":false,");
      assertEquals(2, shown.proxy().metric("cashew_sentinels_reachable{"));
    }
  }

  @Test
  void aNodeWithoutAPrimarySaysWhy() throws IOException {
    RealRedis gone = RealRedis.start();
    gone.close();
    try (Shown shown = Shown.of(builder().master("n", "main", gone))) {
      shown.await(
          "\"primary\":null,\"reason\":\"0 of 1 Sentinels answer",
          "{\"address\":\"" + gone.address() + "\",\"reachable\":false,\"reason\":\"");
      assertTrue(shown.since() > 0);
      assertEquals(1, shown.proxy().metric("cashew_node_without_primary{"));
    }
  }

  @Test
  void aFailoverByHandInAListOfAddressesIsSeen() throws IOException {
    try (RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      SentinelRing.awaitReplica(one, two);
      try (Shown shown = Shown.of(builder().among("n", two.port(), one.port()));
          RawClient first = one.connect();
          RawClient second = two.connect()) {
        shown.await("\"found\":\"addresses\"", primary(one), "\"sentinels\":[]");
        assertEquals("OK", second.send("REPLICAOF", "NO", "ONE"));
        assertEquals("OK", first.send("REPLICAOF", "127.0.0.1", "" + two.port()));
        shown.await(primary(two), "\"failovers\":1");
        assertEquals(1, shown.failovers());
        assertEquals(0, shown.proxy().metric("cashew_node_without_primary{"));
      }
    }
  }

  @Test
  void twoPrimariesAreSeenAndOneOfThemGetsAllWrites() throws IOException {
    try (RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      SentinelRing.awaitReplica(one, two);
      try (Shown shown = Shown.of(builder().among("n", two.port(), one.port()));
          RawClient second = two.connect();
          RawClient client = shown.proxy().connect()) {
        shown.await(primary(one), "\"rivals\":[]");
        assertEquals(0, shown.proxy().metric("cashew_node_two_primaries{"));
        assertEquals("OK", second.send("REPLICAOF", "NO", "ONE"));
        shown.await("\"rivals\":[\"" + two.address() + "\"]", primary(one));
        assertEquals(1, shown.proxy().metric("cashew_node_two_primaries{"));
        for (int i = 0; i < 50; i++) {
          assertEquals("OK", client.send("SET", "new" + i, "v"));
          assertEquals(0L, second.send("EXISTS", "new" + i));
        }
        assertEquals("OK", second.send("REPLICAOF", "127.0.0.1", "" + one.port()));
        shown.await("\"rivals\":[]", primary(one), "\"failovers\":0");
        assertEquals(0, shown.proxy().metric("cashew_node_two_primaries{"));
      }
    }
  }

  @Test
  void infoSaysOfANodeWithoutAPrimaryThatItHasNone() throws IOException {
    RealRedis gone = RealRedis.start();
    gone.close();
    try (Shown shown = Shown.of(builder().master("n", "main", gone).node("m", gone.port()));
        RawClient client = shown.proxy().connect()) {
      String info = (String) client.send("INFO", "replication");
      assertTrue(info.contains("\r\nnodes_without_primary:1\r\n"), info);
      assertTrue(
          info.contains("\r\nprimary0:node=n,address=,state=no_primary,replicas=0\r\n"), info);
      assertTrue(info.contains("\r\nprimary1:node=m,address=" + gone.address() + ",state="), info);
    }
  }

  @Test
  void aNodeOfOneAddressIsWhereItIsConfigured() throws IOException {
    try (RealRedis one = RealRedis.start();
        Shown shown = Shown.of(builder().node("alpha", one.port()))) {
      shown.await("\"found\":\"address\"", primary(one), "\"failovers\":0", "\"version\":1");
    }
  }

  @Test
  void theSlotsOfAClusterAreSeen() throws IOException {
    try (RealCluster cluster = RealCluster.start();
        Shown shown = Shown.of(builder().cluster(cluster.server(0)))) {
      RealRedis first = cluster.server(0);
      shown.await(
          "{\"name\":\"" + first.address() + "\",\"weight\":5461,\"found\":\"cluster\"",
          "\"slots\":[[0,5460]],\"replicas\":[{\"address\":\"" + cluster.server(3).address() + "\"",
          primary(first),
          "\"cluster\":{\"epoch\":",
          "\"uncoveredSlots\":0,",
          "\"reason\":null}");
      TestProxy proxy = shown.proxy();
      assertEquals(5461, proxy.node(first.address(), "slots"));
      assertEquals(0, proxy.metric("cashew_cluster_uncovered_slots{"));
      assertTrue(proxy.metric("cashew_cluster_questions_total{") >= 1);
      assertTrue(proxy.metric("cashew_cluster_epoch{") >= 6);
    }
  }
}
