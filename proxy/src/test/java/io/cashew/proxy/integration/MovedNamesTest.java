package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are given by a name: two servers at one port of 127.0.0.1 and 127.0.0.2. */
final class MovedNamesTest {
  private static final String NAME = "cache.example";
  private static final String FIRST = "127.0.0.1";
  private static final String SECOND = "127.0.0.2";

  private final RealRedis first = RealRedis.start();
  private final int port = first.port();
  private final RealRedis second = RealRedis.startAt(port, "--bind", SECOND);
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile List<String> addresses = List.of(FIRST);
  private volatile CountDownLatch nameServer = new CountDownLatch(0);

  @TempDir private Path directory;

  @AfterEach
  void stop() throws Exception {
    nameServer.countDown();
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    first.close();
    second.close();
  }

  @BeforeEach
  void tellThemApart() {
    ask(FIRST, "SET", "who", "first");
    ask(SECOND, "SET", "who", "second");
  }

  private InetAddress[] lookUp(String name) throws UnknownHostException {
    try {
      nameServer.await();
    } catch (InterruptedException e) {
      throw new UnknownHostException("interrupted");
    }
    if (!name.equals(NAME) || addresses.isEmpty()) {
      throw new UnknownHostException(name + ": Name or service not known");
    }
    InetAddress[] found = new InetAddress[addresses.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getByName(addresses.get(i));
    }
    return found;
  }

  private TestProxy.Builder builder() {
    return new TestProxy.Builder()
        .workers(2)
        .node("n0", new Address.Tcp(NAME, port))
        .names(this::lookUp);
  }

  private <T extends AutoCloseable> T opened(T what) {
    open.add(what);
    return what;
  }

  private RawClient direct(String address) {
    try {
      return new RawClient(new Socket(InetAddress.getByName(address), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object ask(String address, String... request) {
    try (RawClient client = direct(address)) {
      return client.send(request);
    }
  }

  /** Connections of the proxy. */
  private long connections(String address) {
    try (RawClient client = direct(address)) {
      return ((String) client.send("CLIENT", "LIST")).lines().count() - 1;
    }
  }

  private void endConnections(String address) {
    try (RawClient client = direct(address)) {
      client.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      client.send("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes");
    }
  }

  private void awaitAllAt(String there, String notThere) {
    Await.until(
        () -> connections(there) + " connections at " + there + ", none at " + notThere,
        () -> connections(notThere) == 0 && connections(there) > 0);
  }

  private static void awaitAnswer(RawClient client, String answer, String... request) {
    Await.until(answer, () -> answer.equals(client.send(request)));
  }

  @Test
  void requestsAndSubscriptionsMeetAtTheNewAddressWhenTheOldServerEndsItsConnections() {
    TestProxy proxy = opened(builder().start());
    RawClient client = opened(proxy.connect());
    RawClient other = opened(proxy.connect());
    RawClient subscriber = opened(proxy.connect());
    assertEquals("first", client.send("GET", "who"));
    assertEquals("first", other.send("GET", "who"));
    assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
    addresses = List.of(SECOND);
    endConnections(FIRST);
    awaitAnswer(client, "second", "GET", "who");
    awaitAnswer(other, "second", "GET", "who");
    awaitAllAt(SECOND, FIRST);
    Await.until(
        "somebody hears", () -> Long.valueOf(1).equals(client.send("PUBLISH", "news", "x")));
    assertEquals(List.of("message", "news", "x"), subscriber.read());
    assertEquals(0, connections(FIRST));
  }

  @Test
  void oneConnectionThatEndsTakesAllOthersToTheNewAddress() {
    TestProxy proxy = opened(builder().connectionsPerNode(3).start());
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      clients.add(opened(proxy.connect()));
      assertEquals("first", clients.get(i).send("GET", "who"));
    }
    RawClient blocked = opened(proxy.connect());
    blocked.write(RawClient.request("BLPOP", "queue", "0"));
    Await.until(
        "it waits", () -> ((String) ask(FIRST, "INFO", "clients")).contains("blocked_clients:1"));
    addresses = List.of(SECOND);
    String list = (String) ask(FIRST, "CLIENT", "LIST");
    String victim = list.lines().filter(line -> line.contains("cmd=get")).findFirst().orElseThrow();
    ask(FIRST, "CLIENT", "KILL", "ID", victim.substring(3, victim.indexOf(' ')));
    awaitAllAt(SECOND, FIRST);
    for (RawClient each : clients) {
      assertEquals("second", each.send("GET", "who"));
    }
    String told = assertInstanceOf(ErrorReply.class, blocked.read()).text();
    assertTrue(told.startsWith("UNBLOCKED "), told);
    blocked.write(RawClient.request("BLPOP", "queue", "0"));
    assertEquals(1L, clients.get(0).send("RPUSH", "queue", "job"));
    assertEquals(List.of("queue", "job"), blocked.read());
  }

  @Test
  void aReconnectWaitsForTheAnswerOfTheNameServer() {
    TestProxy proxy = opened(builder().timeoutMillis(20_000).start());
    RawClient client = opened(proxy.connect());
    assertEquals("first", client.send("GET", "who"));
    nameServer = new CountDownLatch(1);
    endConnections(FIRST);
    Await.until("the end is noticed", () -> proxy.node("n0", "disconnects_total") == 1);
    client.write(RawClient.request("GET", "who"));
    addresses = List.of(SECOND);
    nameServer.countDown();
    assertEquals("second", client.read());
  }

  @Test
  void aNameServerThatDoesNotAnswerStopsNobody() {
    TestProxy proxy = opened(builder().timeoutMillis(400).start());
    RawClient client = opened(proxy.connect());
    assertEquals("first", client.send("GET", "who"));
    nameServer = new CountDownLatch(1);
    for (int i = 0; i < 3; i++) {
      long before = proxy.node("n0", "disconnects_total");
      endConnections(FIRST);
      Await.until("it is noticed", () -> proxy.node("n0", "disconnects_total") > before);
      assertEquals("first", client.send("GET", "who"));
    }
    addresses = List.of(SECOND);
    nameServer.countDown();
    awaitAnswer(client, "second", "GET", "who");
    awaitAllAt(SECOND, FIRST);
  }

  @Test
  void aNodeStaysAtItsAddressWhileTheNameHasItAmongOthers() {
    TestProxy proxy = opened(builder().start());
    RawClient client = opened(proxy.connect());
    assertEquals("first", client.send("GET", "who"));
    addresses = List.of(SECOND, FIRST);
    endConnections(FIRST);
    Await.until("the end is noticed", () -> proxy.node("n0", "disconnects_total") == 1);
    for (int i = 0; i < 20; i++) {
      assertEquals("first", client.send("GET", "who"));
    }
    addresses = List.of();
    endConnections(FIRST);
    awaitAnswer(client, "first", "GET", "who");
    assertEquals(0, connections(SECOND));
  }

  @Test
  void aReloadLooksUpNamesAgainAndNoMessageIsLost() {
    int at = FreePorts.next();
    String text =
        """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false
        pools.p { listen = "127.0.0.1:%d", nodes = ["%s:%d:1 n0"] } }
        """
            .formatted(at, NAME, port);
    FileProxy proxy = opened(FileProxy.start(directory.resolve("f.conf"), text, this::lookUp));
    RawClient subscriber = opened(new RawClient(at));
    subscriber.send("SUBSCRIBE", "news");
    RawClient publisher = opened(new RawClient(at));
    assertEquals(1L, publisher.send("PUBLISH", "news", "0"));
    assertEquals(List.of("message", "news", "0"), subscriber.read());
    for (int i = 1; i < 10; i++) {
      addresses = List.of(i % 2 == 0 ? FIRST : SECOND);
      String told = proxy.take(text);
      assertTrue(told.contains("node n0: " + NAME + ":" + port + " is at "), told);
      assertEquals(1L, publisher.send("PUBLISH", "news", "" + i));
      assertEquals(List.of("message", "news", "" + i), subscriber.read());
    }
    assertEquals("second", publisher.send("GET", "who"));
    awaitAllAt(SECOND, FIRST);
    assertTrue(proxy.take(text).contains("nothing to change"));
  }

  /** The program itself, whose names are in a file of hosts. */
  @Test
  void theProgramSeesAHostsFileThatChanges() throws Exception {
    int at = FreePorts.next();
    Path hosts = directory.resolve("hosts");
    Files.writeString(hosts, FIRST + " " + NAME + "\n127.0.0.1 localhost\n");
    Path config = directory.resolve("cashew.conf");
    FileProxy.write(
        config,
        """
        cashew { workers = 2, admin.listen = off, pools.p {
          listen = "localhost:%d", nodes = ["%s:%d:1 n0"]
        } }
        """
            .formatted(at, NAME, port));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "io.cashew.proxy.Main",
                "serve",
                "-c",
                config.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    open.add(() -> process.destroyForcibly().waitFor());
    Await.until("the proxy listens", () -> listens(at));
    RawClient client = opened(new RawClient(at));
    RawClient subscriber = opened(new RawClient(at));
    assertEquals("first", client.send("GET", "who"));
    assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
    Files.writeString(hosts, SECOND + " " + NAME + "\n127.0.0.1 localhost\n");
    endConnections(FIRST);
    awaitAnswer(client, "second", "GET", "who");
    awaitAllAt(SECOND, FIRST);
    Await.until(
        "somebody hears", () -> Long.valueOf(1).equals(client.send("PUBLISH", "news", "x")));
    assertEquals(List.of("message", "news", "x"), subscriber.read());
  }

  private static boolean listens(int at) {
    try {
      new RawClient(at).close();
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
