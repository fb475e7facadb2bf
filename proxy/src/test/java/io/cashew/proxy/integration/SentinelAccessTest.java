package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestCertificates;
import io.cashew.proxy.testing.TlsRelay;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How Sentinels are reached: with a password, over TLS, by whom, and that a reload changes it. */
@Timeout(180)
final class SentinelAccessTest {
  private final int port = FreePorts.next();
  private final int other = FreePorts.next();
  private final Path directory;
  private SentinelRing ring;

  SentinelAccessTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void start() throws Exception {
    ring = new SentinelRing(Files.createDirectory(directory.resolve("ring")), 3);
  }

  @AfterEach
  void stop() {
    ring.close();
  }

  private static String pool(String name, int at, List<String> sentinels, String access) {
    return """
        pools.%s { listen = "127.0.0.1:%d", nodes = [ { name = n, master = main } ]
          sentinel { addresses = ["%s"] %s } }
        """
        .formatted(name, at, String.join("\", \"", sentinels), access);
  }

  private FileProxy serve(String... pools) {
    return FileProxy.start(directory.resolve("cashew.conf"), config(pools));
  }

  private static String config(String... pools) {
    return "cashew { workers = 2, admin.listen = off, reload.watch-file = false\n"
        + String.join("\n", pools)
        + "}";
  }

  private static void awaitWrite(int at, String value, RealRedis primary) {
    try (RawClient client = new RawClient(at)) {
      Object[] last = {null};
      Await.until(
          () -> "a write succeeds: " + last[0],
          () -> {
            last[0] = client.send("SET", "key", value);
            return "OK".equals(last[0]);
          });
    }
    try (RawClient direct = primary.connect()) {
      assertEquals(value, direct.send("GET", "key"));
    }
  }

  private static void awaitError(int at, String part) {
    try (RawClient client = new RawClient(at)) {
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
  void sentinelsAreAskedWithAPasswordAndOverTlsAndAReloadChangesThat() {
    TestCertificates certificates = new TestCertificates(directory);
    X509Bundle identity = certificates.issue("sentinel");
    List<TlsRelay> relays = new ArrayList<>();
    List<String> secure = new ArrayList<>();
    for (RealRedis sentinel : ring.sentinels()) {
      try (RawClient client = sentinel.connect()) {
        assertEquals("OK", client.send("ACL", "SETUSER", "default", ">secret"));
      }
      TlsRelay relay = new TlsRelay(sentinel.port(), certificates.client(identity), false);
      relays.add(relay);
      secure.add("127.0.0.1:" + relay.port());
    }
    String tls = "tls { enabled = true, ca = \"%s\" }".formatted(certificates.file("ca.pem"));
    try (FileProxy proxy = serve(pool("p", port, ring.addresses(), ""))) {
      awaitError(port, "NOAUTH");
      proxy.take(config(pool("p", port, ring.addresses(), ", password = secret")));
      awaitWrite(port, "by password", ring.primary());
      proxy.take(config(pool("p", port, secure, ", password = secret, " + tls)));
      awaitWrite(port, "over TLS", ring.primary());
      Await.until(
          "all are asked over TLS",
          () -> relays.stream().allMatch(relay -> relay.handshakes() >= 2));
      try (RawClient client = ring.sentinels().get(0).connect()) {
        assertEquals("OK", client.send("AUTH", "secret"));
        Await.until(
            "a failover begins", () -> "OK".equals(client.send("SENTINEL", "FAILOVER", "main")));
      }
      Await.until(
          "it is followed",
          () ->
              proxy
                  .view()
                  .pools()
                  .get(0)
                  .nodes()
                  .get(0)
                  .address()
                  .equals(ring.replica().address()));
      proxy.take(config(pool("p", port, secure, ", password = wrong, " + tls)));
      Await.until(
          "no Sentinel answers",
          () ->
              proxy.metric("cashew_sentinels{") == 3
                  && proxy.metric("cashew_sentinels_reachable{") == 0);
    } finally {
      relays.forEach(TlsRelay::close);
    }
  }

  @Test
  void twoPoolsShareTheConnectionsAndTheLastOneEndsThem() {
    try (RawClient sentinel = ring.sentinels().get(0).connect()) {
      int before = connections(sentinel);
      String first = pool("p", port, ring.addresses(), "");
      try (FileProxy proxy = serve(first, pool("q", other, ring.addresses(), ""))) {
        awaitWrite(port, "p", ring.primary());
        awaitWrite(other, "q", ring.primary());
        assertEquals(before + 2, connections(sentinel));
        proxy.take(config(first));
        awaitWrite(port, "again", ring.primary());
        assertEquals(before + 2, connections(sentinel));
        proxy.take(
            config(
                "pools.p { listen = \"127.0.0.1:%d\", nodes = [\"%s:1 n\"] }"
                    .formatted(port, ring.primary().address())));
        Await.until("nobody asks any more", () -> connections(sentinel) == before);
        awaitWrite(port, "static", ring.primary());
      }
    }
  }

  /** Of others than Sentinels and the test, which both have names or flags of their own. */
  private static int connections(RawClient sentinel) {
    Object list = sentinel.send("CLIENT", "LIST");
    assertTrue(list instanceof String, "" + list);
    return (int)
        ((String) list).lines().filter(line -> line.contains("name= ") && !line.isBlank()).count();
  }
}
