package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestCertificates;
import io.cashew.proxy.testing.TlsRelay;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the servers of a Cluster are reached: with a login, over TLS, by names, over IPv6. */
@Timeout(120)
final class ClusterAccessTest {
  private final int port = FreePorts.next();
  private final Path directory;
  private @Nullable RealCluster cluster;

  ClusterAccessTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void stop() {
    RealCluster its = cluster;
    if (its != null) {
      its.close();
    }
  }

  private RealCluster start(String... arguments) {
    RealCluster its = RealCluster.start(3, 1, arguments);
    cluster = its;
    return its;
  }

  private String config(String seed, String more) {
    return """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false
          pools.test { listen = "127.0.0.1:%d", timeout = 10s, failover-wait = 10s
            cluster { seeds = ["%s"], refresh = 1s }
            %s } }
        """
        .formatted(port, seed, more);
  }

  private FileProxy serve(String seed, String more) {
    return FileProxy.start(directory.resolve("cashew.conf"), config(seed, more));
  }

  /** Requests for keys of all servers, while a slot moves and a replica takes over. */
  private void isServedThroughChanges(RealCluster its) {
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < 3; i++) {
        assertEquals("OK", client.send("SET", key(i), "v" + i));
      }
      assertEquals(List.of("v0", "v1", "v2"), client.send("MGET", key(0), key(1), key(2)));
      int slot = RealCluster.slotOf(key(0));
      its.beginMove(slot, its.server(0), its.server(1));
      assertEquals("OK", client.send("SET", key(0) + "new", "n"), "ASK is followed");
      its.moveKeys(slot, its.server(0), its.server(1), 10);
      assertEquals("v0", client.send("GET", key(0)), "ASK is followed");
      its.endMove(slot, its.server(0), its.server(1));
      assertEquals("n", client.send("GET", key(0) + "new"), "MOVED is followed");
      its.failOver(its.server(5));
      assertEquals("OK", client.send("SET", key(2), "w"), "a failover is followed");
      assertEquals(List.of("v0", "v1", "w"), client.send("MGET", key(0), key(1), key(2)));
    }
  }

  private static String key(int server) {
    return RealCluster.keyOf(RealCluster.SLOTS * server / 3 + 5);
  }

  private static Set<String> nodes(FileProxy proxy) {
    return proxy.view().pools().get(0).nodes().stream()
        .map(NodeView::name)
        .collect(Collectors.toSet());
  }

  private static void awaitHosts(FileProxy proxy, String host) {
    Await.until(
        () -> "all nodes are at " + host + ": " + nodes(proxy),
        () ->
            nodes(proxy).size() == 3
                && nodes(proxy).stream().allMatch(name -> name.startsWith(host + ":")));
  }

  private void awaitError(String part) {
    try (RawClient client = new RawClient(port)) {
      Object[] last = {null};
      Await.until(
          () -> part + " instead of " + last[0],
          () -> {
            last[0] = client.send("GET", "key");
            return last[0] instanceof ErrorReply error && error.text().contains(part);
          });
    }
  }

  @Test
  void aPasswordIsGivenToAllServersAndItsLackIsSaid() {
    RealCluster its = start();
    its.protect("secret");
    String seed = its.server(1).address();
    try (FileProxy proxy = serve(seed, "failover-wait = 0s")) {
      awaitError("NOAUTH");
      proxy.take(config(seed, "node-auth { password = secret }"));
      isServedThroughChanges(its);
    }
  }

  @Test
  void aUserThatMayAskForTheMapServes() {
    RealCluster its = start();
    for (RealRedis server : its.servers()) {
      try (RawClient direct = server.connect()) {
        assertEquals(
            "OK",
            direct.send(
                "ACL",
                "SETUSER",
                "proxy",
                "on",
                ">secret",
                "~*",
                "-@all",
                "+@read",
                "+@write",
                "+@connection",
                "+asking",
                "+cluster|nodes",
                "+cluster|slots",
                "+cluster|info"));
      }
    }
    String login = "node-auth { username = proxy, password = secret }";
    try (FileProxy proxy = serve(its.server(1).address(), login)) {
      isServedThroughChanges(its);
      proxy.take(
          config(
              its.server(1).address(),
              "failover-wait = 0s, node-auth { username = proxy, password = wrong }"));
      awaitError("WRONGPASS");
    }
  }

  @Test
  void serversBehindTlsAndATranslationOfAddressesAreReached() throws IOException {
    RealCluster its = start();
    its.protect("secret");
    TestCertificates certificates = new TestCertificates(directory);
    X509Bundle identity = certificates.issue("server");
    List<TlsRelay> relays = new ArrayList<>();
    List<String> map = new ArrayList<>();
    try {
      for (RealRedis server : its.servers()) {
        TlsRelay relay = new TlsRelay(server.port(), certificates.client(identity), false);
        relays.add(relay);
        map.add("\"%s\" = \"127.0.0.1:%d\"".formatted(server.address(), relay.port()));
      }
      String secure =
          """
          cluster.map { %s }
          node-auth { password = secret }
          node-tls { enabled = true, ca = "%s" }
          """
              .formatted(String.join(", ", map), certificates.file("ca.pem"));
      String seed = "127.0.0.1:" + relays.get(4).port();
      try (FileProxy proxy = serve(seed, secure)) {
        isServedThroughChanges(its);
        Set<Integer> used =
            nodes(proxy).stream()
                .map(name -> Integer.valueOf(name.substring(name.indexOf(':') + 1)))
                .collect(Collectors.toSet());
        assertTrue(
            relays.stream().map(TlsRelay::port).toList().containsAll(used), "" + nodes(proxy));
      }
    } finally {
      relays.forEach(TlsRelay::close);
    }
  }

  /** Servers of Debian, say: those of the embedded-redis artifact speak no TLS. */
  @Test
  void serversThatSpeakTlsAmongThemselvesAreReachedOverTls() {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.issue("server");
    String[] files = {
      "--tls-cert-file", certificates.file("server.pem").toString(),
      "--tls-key-file", certificates.file("server.key").toString(),
      "--tls-ca-cert-file", certificates.file("ca.pem").toString(),
      "--tls-auth-clients", "optional"
    };
    assumeTrue(knowsTls(files), "no server with TLS is installed");
    RealCluster its = RealCluster.startOverTls(files);
    cluster = its;
    String secure =
        "node-tls { enabled = true, ca = \"%s\" }".formatted(certificates.file("ca.pem"));
    try (FileProxy proxy = serve("127.0.0.1:" + its.memberPort(its.server(4)), secure)) {
      isServedThroughChanges(its);
      Set<String> reached =
          its.servers().stream()
              .map(server -> "127.0.0.1:" + its.memberPort(server))
              .collect(Collectors.toSet());
      assertTrue(reached.containsAll(nodes(proxy)), "" + nodes(proxy));
    }
  }

  private static boolean knowsTls(String... files) {
    List<String> all = new ArrayList<>(List.of(files));
    all.addAll(List.of("--tls-port", "" + FreePorts.next()));
    try (RealRedis installed = RealRedis.startInstalled(all.toArray(String[]::new)).orElse(null)) {
      return installed != null;
    } catch (IllegalStateException itEnds) {
      return false;
    }
  }

  @Test
  void namesThatServersAnnounceAreUsed() {
    RealCluster its = start();
    assumeTrue(
        its.set("cluster-announce-hostname", "localhost"), "servers before 7.0 have no names");
    try (FileProxy proxy = serve(its.server(1).address(), "")) {
      awaitHosts(proxy, "127.0.0.1");
      assertTrue(its.set("cluster-preferred-endpoint-type", "hostname"));
      awaitHosts(proxy, "localhost");
      isServedThroughChanges(its);
      awaitHosts(proxy, "localhost");
    }
  }

  @Test
  void serversThatAnnounceNoHostAreAtTheOneThatWasAsked() {
    RealCluster its = start();
    assumeTrue(
        its.set("cluster-preferred-endpoint-type", "unknown-endpoint"),
        "servers before 7.0 always announce an address");
    try (FileProxy proxy = serve("localhost:" + its.server(1).port(), "")) {
      awaitHosts(proxy, "localhost");
      isServedThroughChanges(its);
    }
  }

  @Test
  void serversThatAnnounceAddressesOfIpv6AreReachedThere() {
    assumeTrue(hasIpv6(), "no IPv6 here");
    RealCluster its = start("--bind", "127.0.0.1", "::1");
    its.announce("::1");
    try (FileProxy proxy = serve("[::1]:" + its.server(1).port(), "")) {
      awaitHosts(proxy, "[::1]");
      isServedThroughChanges(its);
    }
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getAllByName("::1")[0])) {
      return socket.isBound();
    } catch (IOException none) {
      return false;
    }
  }
}
