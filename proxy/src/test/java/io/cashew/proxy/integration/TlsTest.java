package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClientCertificates;
import io.cashew.proxy.config.PoolTls;
import io.cashew.proxy.metrics.TlsState;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestCertificates;
import io.cashew.proxy.testing.TestProxy;
import io.cashew.proxy.testing.TlsRelay;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.api.sync.RedisCommands;
import io.netty.handler.ssl.OpenSsl;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;

/** TLS towards clients and towards nodes. */
@ExtendWith(LeakCheck.class)
final class TlsTest {
  private static RealRedis node;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    node = RealRedis.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /**
   * A handshake is work, and a machine may be busy: what is tested here is not how long it takes.
   */
  private static TestProxy.Builder patient() {
    return new TestProxy.Builder().timeoutMillis(10_000);
  }

  private static TestProxy.Builder proxy() {
    return patient().node(TlsTest.node.port());
  }

  private TestCertificates certificates() {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.issue("proxy");
    return certificates;
  }

  private static PoolTls towardsNodes(
      TestCertificates certificates, Optional<String> identity, Optional<String> serverName) {
    return new PoolTls(Optional.empty(), Optional.of(certificates.nodes(identity, serverName)));
  }

  private static double tlsErrors(TestProxy proxy) {
    return proxy.metric("cashew_client_errors_total{kind=\"tls\"");
  }

  @Test
  void opensslCarriesTlsWhereItsLibraryIsShipped() {
    String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (machine.equals("Linux amd64") || machine.equals("Linux aarch64")) {
      assertTrue(OpenSsl.isAvailable(), () -> String.valueOf(OpenSsl.unavailabilityCause()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void clientOfEitherVersionIsServed(String version) {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        RawClient client = new RawClient(certificates.connect(proxy.port(), null, version))) {
      assertEquals("OK", client.send("SET", "k:" + version, "v"));
      assertEquals("v", client.send("GET", "k:" + version));
      String large = "x".repeat(5_000_000);
      assertEquals("OK", client.send("SET", "large:" + version, large));
      assertTrue(large.equals(client.send("GET", "large:" + version)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ed25519", "ed448", "ecp384", "rsa2048"})
  void keyOfEachKindServesClientsAndIsShownToNodes(Algorithm kind) {
    TestCertificates certificates = certificates();
    certificates.issue("proxy", kind);
    X509Bundle node = certificates.issue("node");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), true);
        TestProxy proxy =
            patient()
                .node(relay.port())
                .tls(
                    new PoolTls(
                        Optional.of(certificates.listener("proxy", ClientCertificates.NONE)),
                        Optional.of(certificates.nodes(Optional.of("proxy"), Optional.empty()))))
                .start();
        RawClient client = new RawClient(certificates.connect(proxy.port(), null))) {
      assertEquals("PONG", client.send("PING"));
      assertEquals("OK", client.send("SET", "kind:" + kind, "v"));
    }
  }

  @Test
  void olderVersionsAreRefused() throws IOException {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        SSLSocket socket = certificates.connect(proxy.port(), null)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.1"});
      assertThrows(SSLException.class, socket::startHandshake);
    }
  }

  @Test
  void pipelineOfTenThousandIsAnsweredInOrder() throws Exception {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        RawClient client = new RawClient(certificates.connect(proxy.port(), null))) {
      ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
      for (int i = 0; i < 10_000; i++) {
        pipeline.writeBytes(RawClient.request("SET", "p:" + i, "value " + i));
        pipeline.writeBytes(RawClient.request("GET", "p:" + i));
      }
      Thread writer = new Thread(() -> client.write(pipeline.toByteArray()));
      writer.start();
      for (int i = 0; i < 10_000; i++) {
        assertEquals("OK", client.read());
        assertEquals("value " + i, client.read());
      }
      Await.end(writer);
    }
  }

  @Test
  void stockClientsConnectWithRediss() {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start()) {
      DefaultJedisClientConfig config =
          DefaultJedisClientConfig.builder()
              .sslOptions(
                  redis.clients.jedis.SslOptions.builder()
                      .truststore(certificates.trustStore().toFile(), "changeit".toCharArray())
                      .trustStoreType("PKCS12")
                      .build())
              .build();
      try (Jedis jedis =
          new Jedis(new redis.clients.jedis.HostAndPort("localhost", proxy.port()), config)) {
        jedis.set("jedis", "tls");
        assertEquals("tls", jedis.get("jedis"));
      }
      RedisURI uri =
          RedisURI.builder()
              .withHost("localhost")
              .withPort(proxy.port())
              .withSsl(true)
              .withVerifyPeer(SslVerifyMode.FULL)
              .build();
      try (RedisClient lettuce = RedisClient.create(uri)) {
        lettuce.setOptions(
            io.lettuce.core.ClientOptions.builder()
                .sslOptions(
                    SslOptions.builder().trustManager(certificates.file("ca.pem").toFile()).build())
                .build());
        RedisCommands<String, String> commands = lettuce.connect().sync();
        commands.set("lettuce", "tls");
        assertEquals("tls", commands.get("lettuce"));
      }
    }
  }

  @Test
  void clientWithoutARequiredCertificateIsRefused() throws IOException {
    TestCertificates certificates = certificates();
    X509Bundle known = certificates.issue("known");
    PoolTls required =
        new PoolTls(
            Optional.of(certificates.listener("proxy", ClientCertificates.REQUIRED)),
            Optional.empty());
    try (TestProxy proxy = proxy().tls(required).start()) {
      try (RawClient client = new RawClient(certificates.connect(proxy.port(), known))) {
        assertEquals("PONG", client.send("PING"));
      }
      try (RawClient stranger = new RawClient(certificates.connect(proxy.port(), null))) {
        assertThrows(java.io.UncheckedIOException.class, () -> stranger.send("PING"));
      }
      Path other = Files.createDirectory(directory.resolve("other"));
      X509Bundle untrusted = new TestCertificates(other).issue("untrusted");
      try (RawClient stranger = new RawClient(certificates.connect(proxy.port(), untrusted))) {
        assertThrows(java.io.UncheckedIOException.class, () -> stranger.send("PING"));
      }
      Await.until("both are counted", () -> tlsErrors(proxy) == 2);
      Await.until("none is left", () -> proxy.metric("cashew_clients{") == 0);
    }
  }

  @Test
  void optionalCertificateMayBeMissing() {
    TestCertificates certificates = certificates();
    PoolTls optional =
        new PoolTls(
            Optional.of(certificates.listener("proxy", ClientCertificates.OPTIONAL)),
            Optional.empty());
    try (TestProxy proxy = proxy().tls(optional).start();
        RawClient client = new RawClient(certificates.connect(proxy.port(), null))) {
      assertEquals("PONG", client.send("PING"));
    }
  }

  @Test
  void plaintextClientOfATlsPortIsClosedAndCounted() {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        RawClient client = proxy.connect()) {
      client.write(RawClient.request("SET", "plain", "text"));
      client.awaitEnd();
      Await.until("it is counted", () -> tlsErrors(proxy) == 1);
      assertEquals(0, proxy.metric("cashew_requests_total"));
    }
  }

  @Test
  void tlsClientOfAPlainPortIsClosed() throws IOException {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().start();
        SSLSocket socket = certificates.connect(proxy.port(), null)) {
      assertThrows(IOException.class, socket::startHandshake);
      Await.until("none is left", () -> proxy.metric("cashew_clients{") == 0);
    }
  }

  @Test
  void clientThatEndsItsSideGetsItsReplies() throws IOException {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        SSLSocket socket =
            (SSLSocket)
                certificates
                    .client(null)
                    .getSocketFactory()
                    .createSocket(plain, "localhost", proxy.port(), false);
        RawClient client = new RawClient(socket)) {
      ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
      for (int i = 0; i < 100; i++) {
        pipeline.writeBytes(RawClient.request("SET", "half:" + i, "v".repeat(1000)));
        pipeline.writeBytes(RawClient.request("GET", "half:" + i));
      }
      client.write(pipeline.toByteArray());
      plain.shutdownOutput(); // no notice of TLS, as a program that ends
      for (int i = 0; i < 100; i++) {
        assertEquals("OK", client.read());
        assertEquals("v".repeat(1000), client.read());
      }
      assertTrue(client.ends());
    }
  }

  @Test
  void clientThatSaysThatItEndsIsClosedInGoodOrder() throws IOException {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        SSLSocket socket = certificates.connect(proxy.port(), null)) {
      socket.getOutputStream().write(RawClient.request("PING"));
      assertEquals("+PONG\r\n", new String(socket.getInputStream().readNBytes(7), ISO_8859_1));
      socket.shutdownOutput(); // the notice of TLS
      assertEquals(-1, socket.getInputStream().read(), "the proxy's notice, not only its end");
      Await.until("none is left", () -> proxy.metric("cashew_clients{") == 0);
    }
  }

  @Test
  void quitEndsWithTheNoticeOfTls() throws IOException {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        SSLSocket socket = certificates.connect(proxy.port(), null)) {
      socket.getOutputStream().write(RawClient.request("QUIT"));
      // Java throws SSLException at an end without a notice.
      assertEquals("+OK\r\n", new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
    }
  }

  @Test
  void clientThatDoesNotReadIsHeldBack() throws Exception {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        RawClient client = new RawClient(certificates.connect(proxy.port(), null))) {
      String value = "y".repeat(1_000_000);
      assertEquals("OK", client.send("SET", "big", value));
      for (int i = 0; i < 40; i++) {
        client.write(RawClient.request("GET", "big"));
      }
      Await.until(
          "it is paused, with little of it here",
          () -> proxy.metric("cashew_client_read_pauses_total") > 0);
      assertTrue(proxy.metric("cashew_reply_queue_bytes") < 64 << 20);
      for (int i = 0; i < 40; i++) {
        assertTrue(value.equals(client.read()), "reply " + i);
      }
    }
  }

  @Test
  void clientThatHasNotShakenHandsDoesNotHoldUpAStop() throws IOException {
    TestCertificates certificates = certificates();
    TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      Await.until("it is there", () -> proxy.metric("cashew_clients{") == 1);
      proxy.close();
      silent.setSoTimeout(10_000);
      while (silent.getInputStream().read() >= 0) {
        // An alert of TLS may come first.
      }
    }
  }

  @Test
  void newCertificateServesNewConnections() throws Exception {
    TestCertificates certificates = certificates();
    try (TestProxy proxy = proxy().tls(certificates.towardsClients("proxy")).start();
        SSLSocket before = certificates.connect(proxy.port(), null);
        RawClient open = new RawClient(before)) {
      BigInteger first = serial(certificates, proxy);
      Files.writeString(certificates.file("proxy.pem"), "garbage of another length");
      TimeUnit.SECONDS.sleep(3); // longer than between two looks: nothing may happen
      assertEquals(first, serial(certificates, proxy), "broken files change nothing");
      Await.until("the broken file is told", () -> proxy.metric("cashew_tls_files_unusable{") == 1);
      TlsState.Failure failure = proxy.certificates().get(0).state().failure();
      assertTrue(failure != null && failure.text().contains("proxy.pem"), "" + failure);
      X509Bundle renewed = certificates.issue("proxy");
      Await.until(
          "the new certificate is shown",
          () -> serial(certificates, proxy).equals(renewed.getCertificate().getSerialNumber()));
      assertEquals(0, proxy.metric("cashew_tls_files_unusable{"));
      assertNotEquals(first, renewed.getCertificate().getSerialNumber());
      certificates.issue("proxy", Instant.now().minus(Duration.ofHours(1)), "localhost");
      Await.until("the expired one is told", () -> proxy.metric("cashew_tls_files_unusable{") == 1);
      assertEquals(renewed.getCertificate().getSerialNumber(), serial(certificates, proxy));
      assertEquals("PONG", open.send("PING"));
    }
  }

  private static BigInteger serial(TestCertificates certificates, TestProxy proxy) {
    try (SSLSocket socket = certificates.connect(proxy.port(), null)) {
      socket.startHandshake();
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSerialNumber();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nodesAreSpokenToOverTls() throws Exception {
    TestCertificates certificates = certificates();
    X509Bundle node = certificates.issue("node");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), false);
        TestProxy proxy =
            patient()
                .node(relay.port())
                .tls(towardsNodes(certificates, Optional.empty(), Optional.empty()))
                .start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "node", "tls"));
      assertEquals("tls", client.send("GET", "node"));
      String large = "z".repeat(5_000_000);
      assertEquals("OK", client.send("SET", "node:large", large));
      assertTrue(large.equals(client.send("GET", "node:large")));
      ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
      for (int i = 0; i < 10_000; i++) {
        pipeline.writeBytes(RawClient.request("SET", "n:" + i, "value " + i));
        pipeline.writeBytes(RawClient.request("GET", "n:" + i));
      }
      Thread writer = new Thread(() -> client.write(pipeline.toByteArray()));
      writer.start();
      for (int i = 0; i < 10_000; i++) {
        assertEquals("OK", client.read());
        assertEquals("value " + i, client.read());
      }
      Await.end(writer);
      assertTrue(relay.handshakes() >= 1);
    }
  }

  @Test
  void messagesOfNodesComeOverTls() {
    TestCertificates certificates = certificates();
    X509Bundle node = certificates.issue("node");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), false);
        TestProxy proxy =
            patient()
                .node(relay.port())
                .tls(towardsNodes(certificates, Optional.empty(), Optional.empty()))
                .start();
        RawClient subscriber = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
      assertEquals(1L, publisher.send("PUBLISH", "news", "tls"));
      assertEquals(List.of("message", "news", "tls"), subscriber.read());
      assertTrue(relay.handshakes() >= 2);
    }
  }

  @Test
  void handshakeWithTheNodeComesAfterThatOfTls() {
    TestCertificates certificates = certificates();
    X509Bundle node = certificates.issue("node");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), false);
        TestProxy proxy =
            patient()
                .node(relay.port())
                .database(3)
                .tls(towardsNodes(certificates, Optional.empty(), Optional.empty()))
                .start();
        RawClient client = proxy.connect();
        RawClient direct = TlsTest.node.connect()) {
      assertEquals("OK", client.send("SET", "in:3", "v"));
      assertEquals("OK", direct.send("SELECT", "3"));
      assertEquals("v", direct.send("GET", "in:3"));
    }
  }

  @Test
  void nodeThatAsksForACertificateGetsIt() {
    TestCertificates certificates = certificates();
    X509Bundle node = certificates.issue("node");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), true)) {
      try (TestProxy proxy =
              patient()
                  .node(relay.port())
                  .tls(towardsNodes(certificates, Optional.of("proxy"), Optional.empty()))
                  .start();
          RawClient client = proxy.connect()) {
        assertEquals("OK", client.send("SET", "mutual", "tls"));
      }
      try (TestProxy proxy =
              patient()
                  .node(relay.port())
                  .tls(towardsNodes(certificates, Optional.empty(), Optional.empty()))
                  .start();
          RawClient client = proxy.connect()) {
        assertTrue(client.send("SET", "mutual", "none") instanceof ErrorReply);
        proxy.awaitCircuit("n0", true);
      }
    }
  }

  @Test
  void nodeThatIsNotTrustedGetsNothing() throws IOException {
    TestCertificates certificates = certificates();
    Path other = Files.createDirectory(directory.resolve("other"));
    TestCertificates strangers = new TestCertificates(other);
    X509Bundle stranger = strangers.issue("node");
    assertNotServed(
        new TlsRelay(TlsTest.node.port(), strangers.client(stranger), false),
        certificates,
        "n.test");
    X509Bundle wrongName =
        certificates.issue("wrong", java.time.Instant.now().plusSeconds(3600), "elsewhere.test");
    assertNotServed(
        new TlsRelay(TlsTest.node.port(), certificates.client(wrongName), false),
        certificates,
        "n.test");
  }

  private static void assertNotServed(
      TlsRelay relay, TestCertificates certificates, String serverName) {
    try (relay;
        TestProxy proxy =
            patient()
                .node(relay.port())
                .tls(towardsNodes(certificates, Optional.empty(), Optional.of(serverName)))
                .start();
        RawClient client = proxy.connect()) {
      ErrorReply reply = (ErrorReply) client.send("SET", "secret", "value");
      assertTrue(reply.text().contains("TLS failed"), reply.text());
      assertFalse(reply.text().contains("General"), "the reason, not its wrapping");
      assertFalse(reply.text().contains("may have been executed"), reply.text());
      proxy.awaitCircuit("n0", true);
    }
  }

  @Test
  void nodeIsAskedForTheNameThatIsConfigured() {
    TestCertificates certificates = certificates();
    X509Bundle node =
        certificates.issue("node", java.time.Instant.now().plusSeconds(3600), "n.test");
    try (TlsRelay relay = new TlsRelay(TlsTest.node.port(), certificates.client(node), false);
        TestProxy proxy =
            patient()
                .node(relay.port())
                .tls(towardsNodes(certificates, Optional.empty(), Optional.of("n.test")))
                .start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "named", "v"));
    }
  }

  @Test
  void plainNodeIsNotUsedWhereTlsIsMeant() {
    TestCertificates certificates = certificates();
    try (TestProxy proxy =
            new TestProxy.Builder()
                .node(TlsTest.node.port())
                .tls(towardsNodes(certificates, Optional.empty(), Optional.empty()))
                .start();
        RawClient client = proxy.connect()) {
      ErrorReply reply = (ErrorReply) client.send("SET", "plain", "value");
      assertFalse(reply.text().contains("may have been executed"), reply.text());
    }
  }
}
