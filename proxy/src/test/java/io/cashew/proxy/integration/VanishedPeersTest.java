package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that die without a word: to nodes, where nothing is to be said for long. */
final class VanishedPeersTest {
  private static final List<Path> SOCKETS =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

  private final List<AutoCloseable> open = new ArrayList<>();
  private final RealRedis redis = opened(RealRedis.start());
  private final FaultyLink link = opened(FaultyLink.to(redis.port()));

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T what) {
    open.add(what);
    return what;
  }

  private TestProxy start() {
    return opened(new TestProxy.Builder().timeoutMillis(500).node(link.port()).start());
  }

  private static String info(RealRedis server, String section) {
    try (RawClient direct = server.connect()) {
      return String.valueOf(direct.send("INFO", section));
    }
  }

  private static void awaitBlocked(RealRedis server, int count) {
    Await.until(
        count + " clients wait",
        () -> info(server, "clients").contains("blocked_clients:" + count));
  }

  @Test
  void aWaitWhoseConnectionHasDiedIsAnErrorAndTakesNothing() {
    TestProxy proxy = start();
    RawClient waits = opened(proxy.connect());
    RawClient other = opened(proxy.connect());
    waits.write(RawClient.request("BLPOP", "queue", "0"));
    awaitBlocked(redis, 1);
    assertEquals(1, link.freezeWhere("BLPOP"));
    Await.until(
        "the node has forgotten it, while others are served",
        () -> {
          assertNull(other.send("GET", "k"));
          return info(redis, "clients").contains("blocked_clients:0");
        });
    String told = assertInstanceOf(ErrorReply.class, waits.read()).text();
    assertTrue(told.startsWith("ERR Connection timed out"), told);
    assertTrue(told.endsWith("; the request may have been executed"), told);
    assertEquals(1L, other.send("RPUSH", "queue", "job"));
    assertEquals(List.of("queue", "job"), waits.send("BLPOP", "queue", "0"));
    assertEquals(0, proxy.node("n0", "circuit_open"));
  }

  @Test
  void aWaitThatBeginsOnADeadConnectionIsAnErrorSoonAndNotAtItsEnd() {
    TestProxy proxy = start();
    RawClient client = opened(proxy.connect());
    assertNull(client.send("BLPOP", "queue", "0.01"));
    link.freezeWhere(""); // whichever it gets, also that which was kept ready for the next
    client.write(RawClient.request("BLPOP", "queue", "3600"));
    assertInstanceOf(ErrorReply.class, client.read());
    Await.until("there are new ones", () -> client.send("BLPOP", "queue", "0.01") == null);
  }

  /** Line ends were sent behind the command meanwhile. */
  private void awaitLooksAndPush(RealRedis server) {
    TestProxy proxy =
        opened(new TestProxy.Builder().timeoutMillis(500).node(server.port()).start());
    RawClient waits = opened(proxy.connect());
    RawClient other = opened(proxy.connect());
    for (int i = 0; i < 2; i++) {
      waits.write(RawClient.request("BLPOP", "queue", "0"));
      awaitBlocked(server, 1);
      Await.until(
          "it has been looked at twice",
          () -> {
            try (RawClient direct = server.connect()) {
              return String.valueOf(direct.send("CLIENT", "LIST"))
                  .lines()
                  .anyMatch(line -> line.contains("cmd=blpop") && line.contains(" qbuf=2 "));
            }
          });
      assertEquals(1L, other.send("RPUSH", "queue", "job"));
      assertEquals(List.of("queue", "job"), waits.read());
      assertEquals(0L, waits.send("LLEN", "queue"));
    }
    assertEquals(0, proxy.node("n0", "disconnects_total"));
    assertEquals(0, proxy.node("n0", "unexpected_replies_total"));
  }

  @Test
  void aWaitOnALiveConnectionGoesOn() {
    awaitLooksAndPush(redis);
  }

  @Test
  void soItDoesOnTheServerThatIsInstalled() {
    Optional<RealRedis> installed = RealRedis.startInstalled();
    assumeTrue(installed.isPresent(), "no redis-server on the PATH");
    awaitLooksAndPush(opened(installed.get()));
  }

  /** A proxy knows its own numbers of connections, as a server does. */
  @Test
  void soItDoesThroughASecondProxy() {
    TestProxy inner = opened(new TestProxy.Builder().timeoutMillis(500).node(redis.port()).start());
    TestProxy outer = opened(new TestProxy.Builder().timeoutMillis(500).node(inner.port()).start());
    RawClient waits = opened(outer.connect());
    RawClient other = opened(inner.connect());
    waits.write(RawClient.request("BLPOP", "queue", "6"));
    assertNull(waits.read());
    waits.write(RawClient.request("BLPOP", "queue", "0"));
    awaitBlocked(redis, 1);
    assertEquals(1L, other.send("RPUSH", "queue", "job"));
    assertEquals(List.of("queue", "job"), waits.read());
    assertEquals(0, outer.node("n0", "disconnects_total"));
  }

  @Test
  void aServerThatMayNotBeAskedIsLeftAlone() {
    try (RawClient direct = redis.connect()) {
      assertEquals(
          "OK", direct.send("ACL", "SETUSER", "default", "-client", "+client|id", "+client|kill"));
    }
    TestProxy proxy = start();
    RawClient waits = opened(proxy.connect());
    waits.write(RawClient.request("BLPOP", "queue", "3"));
    assertNull(waits.read());
    assertEquals(0, proxy.node("n0", "disconnects_total"));
  }

  @Test
  void aSubscriptionWhoseConnectionHasDiedIsMadeAnew() {
    TestProxy proxy = start();
    RawClient subscriber = opened(proxy.connect());
    RawClient publisher = opened(proxy.connect());
    assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
    assertEquals(1, link.freezeWhere("subscribe"));
    Await.until(
        "a message comes through again",
        () -> {
          publisher.send("PUBLISH", "news", "x");
          return proxy.metric("cashew_messages_delivered_total") > 0;
        });
    assertEquals(List.of("message", "news", "x"), subscriber.read());
  }

  @Test
  void aClientIsToldToForgetKeysWhoseNodeCannotTellItAnyMore() {
    TestProxy proxy = start();
    RawClient client = opened(proxy.connect());
    client.write(RawClient.request("HELLO", "3"));
    client.write(RawClient.request("CLIENT", "TRACKING", "ON"));
    client.readUntil("+OK\r\n");
    client.write(RawClient.request("GET", "k"));
    client.readUntil("_\r\n");
    assertTrue(link.freezeWhere("TRACKING") > 0);
    client.readUntil(">2\r\n$10\r\ninvalidate\r\n_\r\n");
  }

  /**
   * The state of a socket is in /proc/net/tcp: timer 2 is keepalive's, in hundredths of a second.
   */
  @Test
  void theKernelAsksSilentClientsAndNodes() {
    assumeTrue(Files.isReadable(SOCKETS.get(0)), "no " + SOCKETS.get(0));
    TestProxy proxy = start();
    RawClient client = opened(proxy.connect());
    assertNull(client.send("GET", "k"));
    Await.until("on the client's", () -> isAsked(proxy.port(), true));
    Await.until("on the node's", () -> isAsked(link.port(), false));
  }

  private static boolean isAsked(int port, boolean local) {
    String end = String.format(":%04X", port);
    try {
      List<String> sockets = new ArrayList<>();
      for (Path table : SOCKETS) {
        sockets.addAll(Files.readAllLines(table));
      }
      return sockets.stream()
          .map(line -> line.strip().split("\\s+"))
          .filter(fields -> fields[3].equals("01") && fields[local ? 1 : 2].endsWith(end))
          .anyMatch(
              fields -> {
                long left = Long.parseLong(fields[5].substring(3), 16);
                return fields[5].startsWith("02:") && left > 20_000 && left <= 30_000;
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
