package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** memcached over unix sockets and over TLS, towards clients and towards real nodes. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
@SuppressWarnings("try") // servers only have to run
final class MemcachedTransportsTest {
  private static final String LARGE = "x".repeat(900_000);

  @TempDir private Path directory;

  /** Asks for all that takes a way of its own; whatever carries the bytes. */
  private static void assertServed(UnaryOperator<String> asks) {
    StringBuilder sets = new StringBuilder();
    StringBuilder get = new StringBuilder("get");
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      sets.append("set k").append(i).append(" 7 0 2 noreply\r\n").append(10 + i).append("\r\n");
      get.append(" k").append(i);
      values.append("VALUE k").append(i).append(" 7 2\r\n").append(10 + i).append("\r\n");
    }
    assertEquals("", asks.apply(sets.toString()));
    assertEquals(values + "END\r\n", asks.apply(get + "\r\n"));
    assertEquals("12\r\n", asks.apply("incr k1 1\r\n"));
    assertEquals("VA 2 f7\r\n30\r\n", asks.apply("mg k20 v f\r\n"));
    assertEquals("STORED\r\n", asks.apply("set large 0 0 900000\r\n" + LARGE + "\r\n"));
    assertTrue(
        ("VALUE large 0 900000\r\n" + LARGE + "\r\nEND\r\n").equals(asks.apply("get large\r\n")));
    assertEquals("ERROR\r\n", asks.apply("nonsense\r\n"));
  }

  // ---------------------------------------------------------------- unix sockets

  private String atSockets() {
    return """
    cashew {
      workers = 1
      admin.listen = off
      pools.c {
        listen = "unix:%s"
        protocol = memcached
        timeout = 10s
        nodes = [ "unix:%s a", "unix:%s b" ]
      }
    }
    """
        .formatted(
            directory.resolve("c.sock"), directory.resolve("a.sock"), directory.resolve("b.sock"));
  }

  /** What is answered before {@code MN}, at the pool's socket. */
  private String askAtSocket(String request) {
    try (SocketChannel client =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("c.sock")))) {
      ByteBuffer bytes =
          ByteBuffer.wrap((request + "mn\r\n").getBytes(StandardCharsets.ISO_8859_1));
      while (bytes.hasRemaining()) {
        client.write(bytes);
      }
      StringBuilder answer = new StringBuilder();
      ByteBuffer piece = ByteBuffer.allocate(1 << 16);
      while (answer.length() < 4 || !answer.substring(answer.length() - 4).equals("MN\r\n")) {
        if (client.read(piece.clear()) < 0) {
          throw new AssertionError("closed behind: " + answer);
        }
        piece.flip();
        answer.append(StandardCharsets.ISO_8859_1.decode(piece));
      }
      return answer.substring(0, answer.length() - 4);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nodesAndClientsMayBeAtUnixSockets() {
    try (RealMemcached one = RealMemcached.startOn(directory.resolve("a.sock"));
        RealMemcached other = RealMemcached.startOn(directory.resolve("b.sock"));
        FileProxy proxy = FileProxy.start(directory.resolve("cashew.conf"), atSockets())) {
      assertServed(this::askAtSocket);
      assertTrue(proxy.metric("cashew_node_requests_total{node=\"a\"") > 10);
      assertTrue(proxy.metric("cashew_node_requests_total{node=\"b\"") > 10);
    }
  }

  @Test
  void aNodeThatComesBackAtItsSocketIsUsedAgain() {
    Path socket = directory.resolve("b.sock");
    RealMemcached first = RealMemcached.startOn(socket);
    try (RealMemcached one = RealMemcached.startOn(directory.resolve("a.sock"));
        FileProxy proxy = FileProxy.start(directory.resolve("cashew.conf"), atSockets())) {
      assertServed(this::askAtSocket);
      first.close();
      Await.until(
          () -> "its keys fail",
          () -> askAtSocket("get k1 k10 k20 k30 k40 k49\r\n").contains("SERVER_ERROR"));
      try (RealMemcached second = RealMemcached.startOn(socket)) {
        Await.until(
            () -> "the node is back",
            () -> !askAtSocket("get k1 k10 k20 k30 k40 k49\r\n").contains("SERVER_ERROR"));
        assertServed(this::askAtSocket);
      }
    } finally {
      first.close();
    }
  }

  // ---------------------------------------------------------------- TLS

  private RealMemcached startWithTls(TestCertificates certificates) {
    certificates.issue("node");
    return RealMemcached.start(
        "-Z",
        "-o",
        "ssl_chain_cert="
            + certificates.file("node.pem")
            + ",ssl_key="
            + certificates.file("node.key"));
  }

  private static String withTls(int port, String authority, RealMemcached... nodes) {
    return """
    cashew {
      workers = 1
      admin.listen = off
      pools.c {
        listen = "127.0.0.1:%d"
        protocol = memcached
        timeout = 10s
        tls { certificate = proxy.pem, key = proxy.key }
        node-tls { enabled = true, ca = "%s" }
        nodes = [ "127.0.0.1:%d a", "127.0.0.1:%d b" ]
      }
    }
    """
        .formatted(port, authority, nodes[0].port(), nodes[1].port());
  }

  private static String ask(RawClient client, String request) {
    client.write((request + "mn\r\n").getBytes(StandardCharsets.ISO_8859_1));
    String answer = client.readUntil("MN\r\n");
    return answer.substring(0, answer.length() - 4);
  }

  @Test
  void nodesAndClientsMaySpeakTls() {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.issue("proxy");
    int port = FreePorts.next();
    try (RealMemcached one = startWithTls(certificates);
        RealMemcached other = startWithTls(certificates);
        FileProxy proxy =
            FileProxy.start(directory.resolve("cashew.conf"), withTls(port, "ca.pem", one, other));
        RawClient client = new RawClient(certificates.connect(port, null))) {
      assertServed(request -> ask(client, request));
      assertTrue(proxy.metric("cashew_node_requests_total{node=\"a\"") > 10);
      assertTrue(proxy.metric("cashew_node_requests_total{node=\"b\"") > 10);
    }
  }

  @Test
  void aNodeOfAnotherAuthorityIsNotTrusted() throws IOException {
    Path elsewhere = Files.createDirectory(directory.resolve("other"));
    new TestCertificates(elsewhere);
    TestCertificates certificates = new TestCertificates(directory);
    certificates.issue("proxy");
    int port = FreePorts.next();
    try (RealMemcached one = startWithTls(certificates);
        RealMemcached other = startWithTls(certificates);
        FileProxy proxy =
            FileProxy.start(
                directory.resolve("cashew.conf"), withTls(port, "other/ca.pem", one, other));
        RawClient client = new RawClient(certificates.connect(port, null))) {
      String answer = ask(client, "get k\r\n");
      assertTrue(answer.startsWith("SERVER_ERROR "), answer);
    }
  }
}
