package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.Knocking;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.netty.channel.epoll.Epoll;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process takes the listeners of another over. */
@Timeout(300)
final class TakeOverTest {
  private final RealRedis redis = RealRedis.start();
  private final int port = FreePorts.next();
  private final int adminPort = FreePorts.next();
  private final List<ProxyProcess> processes = new ArrayList<>();
  private @TempDir Path directory;
  private Path config;

  @BeforeEach
  void configure() {
    assumeTrue(Epoll.isAvailable(), "sockets are handed over with epoll");
    config = directory.resolve("cashew.conf");
    FileProxy.write(config, text(""));
  }

  private String text(String more) {
    return """
        cashew { workers = 2, drain-timeout = 600ms, take-over.socket = "%s"
          admin.listen = "127.0.0.1:%d"
          pools.p { listen = "127.0.0.1:%d", timeout = 10s, nodes = ["127.0.0.1:%d alone"] }
          pools.u { listen = "unix:%s", nodes = ["127.0.0.1:%d"] }
          %s }
        """
        .formatted(
            directory.resolve("t.sock"),
            adminPort,
            port,
            redis.port(),
            directory.resolve("u.sock"),
            redis.port(),
            more);
  }

  @AfterEach
  void stop() {
    processes.forEach(ProxyProcess::close);
    redis.close();
  }

  private ProxyProcess serve(String... options) {
    ProxyProcess process = ProxyProcess.serve(config, options);
    processes.add(process);
    return process;
  }

  private int readiness() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/readyz")).build();
    return Await.result(
            HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofString()))
        .statusCode();
  }

  private String unixSocketAnswers() throws Exception {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(directory.resolve("u.sock")));
      channel.write(ByteBuffer.wrap("PING\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer reply = ByteBuffer.allocate(16);
      channel.read(reply);
      return new String(reply.array(), 0, reply.position(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void replacedTenTimesUnderLoadItLosesNobody() throws Exception {
    ProxyProcess former = serve().awaitReady();
    try (Knocking clients = Knocking.at(port)) {
      for (int i = 0; i < 10; i++) {
        ProxyProcess next = serve("--take-over").awaitReady();
        assertEquals(0, former.awaitEnd(), former.log());
        clients.awaitMore();
        assertEquals(200, readiness());
        assertEquals("+PONG\r\n", unixSocketAnswers());
        former = next;
      }
      assertEquals(List.of(), clients.failures());
    }
    former.signal("INT");
    assertEquals(0, former.awaitEnd());
    assertFalse(Files.exists(directory.resolve("u.sock")), "a file of a socket is left behind");
    assertFalse(Files.exists(directory.resolve("t.sock")), "a file of a socket is left behind");
  }

  @Test
  void aNodeThatIsOutForMaintenanceStaysOut() throws Exception {
    ProxyProcess former = serve().awaitReady();
    assertEquals(200, maintain("drain&yes=true"));
    serve("--take-over").awaitReady();
    assertEquals(0, former.awaitEnd(), former.log());
    try (RawClient client = new RawClient(port)) {
      String error = String.valueOf(client.send("GET", "k"));
      assertTrue(error.contains("is out for maintenance (drain)"), error);
      assertEquals(200, maintain("ready"));
      assertNull(client.send("GET", "k"));
    }
  }

  private int maintain(String action) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + adminPort
                        + "/api/node?pool=p&node=alone&action="
                        + action))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return Await.result(
            HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofString()))
        .statusCode();
  }

  @Test
  void aSuccessorThatCannotStartLeavesTheFormerAsItWas() throws Exception {
    ProxyProcess former = serve().awaitReady();
    try (ServerSocket taken = new ServerSocket(0);
        RawClient client = new RawClient(port)) {
      FileProxy.write(
          config,
          text(
              "reload.watch-file = false, pools.z { listen = \"127.0.0.1:"
                  + taken.getLocalPort()
                  + "\", nodes = [\"127.0.0.1:1\"] }"));
      ProxyProcess next = serve("--take-over");
      assertEquals(1, next.awaitEnd());
      assertTrue(next.log().contains("cannot listen on"), next.log());
      assertTrue(former.isAlive());
      assertEquals("OK", client.send("SET", "k", "v"));
      try (RawClient another = new RawClient(port)) {
        assertEquals("v", another.send("GET", "k"));
      }
      assertEquals("+PONG\r\n", unixSocketAnswers());
      assertEquals(200, readiness());
    }
    FileProxy.write(config, text(""));
    serve("--take-over").awaitReady(); // it can still be taken over
    assertEquals(0, former.awaitEnd());
  }

  @Test
  void withoutAFormerItStartsAsUsual() throws Exception {
    Files.createFile(directory.resolve("t.sock")); // nobody answers there
    serve("--take-over").awaitReady();
    assertEquals(200, readiness());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("t.sock"))));
  }

  @Test
  void aTransportThatCannotSaysWhatToDo() {
    FileProxy.write(config, text("transport = nio"));
    ProxyProcess process = serve("--take-over");
    assertEquals(1, process.awaitEnd());
    assertTrue(
        process.log().contains("--take-over needs the epoll transport, and this is nio"),
        process.log());
  }
}
