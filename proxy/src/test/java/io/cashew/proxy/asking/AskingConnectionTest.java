package io.cashew.proxy.asking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the proxy's own questions, whatever a server does. */
@ExtendWith(LeakCheck.class)
final class AskingConnectionTest {
  private static final MultiThreadIoEventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, TestProxy.bestSockets().ioHandlers());
  private static final List<byte[]> PING = List.of(Requests.of("PING"));

  private final MisbehavingNode server = MisbehavingNode.start();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private AskingConnection open(String address, Optional<String> password, long timeoutMillis) {
    Access access =
        new Access(
            TestProxy.bestSockets(),
            (host, port, found) ->
                found.accept(
                    host.equals("known")
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                        : null),
            null,
            Access.login(Optional.empty(), password),
            timeoutMillis);
    return AskingConnection.open(
        LOOPS.next(),
        access,
        address,
        new AskingConnection.Listener() {
          @Override
          public void opened() {
            heard.add("opened");
          }

          @Override
          public void message(ReplyValue message) {
            heard.add("message " + message.elements().get(2).text());
          }

          @Override
          public void closed(String why) {
            heard.add("closed: " + why);
          }
        });
  }

  private AskingConnection open(long timeoutMillis) {
    return open("127.0.0.1:" + server.port(), Optional.empty(), timeoutMillis);
  }

  private void ask(AskingConnection connection, List<byte[]> requests) {
    connection.ask(
        requests,
        replies ->
            heard.add(
                replies == null
                    ? "no reply"
                    : replies.stream().map(ReplyValue::text).toList() + ""));
  }

  private String next() throws InterruptedException {
    String next = heard.poll(20, TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  private void expect(String... texts) throws InterruptedException {
    for (String text : texts) {
      assertEquals(text, next());
    }
  }

  @Test
  void repliesComeTogetherInTheOrderOfTheRequests() throws InterruptedException {
    AskingConnection connection = open(20_000);
    ask(connection, List.of(Requests.of("SET", "k", "v"), Requests.of("GET", "k")));
    ask(connection, List.of(Requests.of("GET", "k")));
    expect("opened", "[OK, v]", "[v]");
    connection.close();
  }

  @Test
  void repliesMayComeByteByByte() throws InterruptedException {
    server.behave((to, request) -> to.replyByteByByte("*2\r\n$1\r\na\r\n:1\r\n"));
    AskingConnection connection = open(20_000);
    ask(connection, PING);
    expect("opened", "[]");
    connection.close();
  }

  @Test
  void messagesComeBetweenReplies() throws InterruptedException {
    server.behave(
        (to, request) -> to.reply("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\ntext\r\n+PONG\r\n"));
    AskingConnection connection = open(20_000);
    ask(connection, PING);
    expect("opened", "message text", "[PONG]");
    connection.close();
  }

  @Test
  void aServerThatSaysNothingIsNotWaitedForLonger() throws InterruptedException {
    server.behave(MisbehavingNode.SILENT);
    ask(open(200), PING);
    expect("opened", "closed: no answer within 200 ms", "no reply");
  }

  @Test
  void aReplyThatIsNotWholeInTimeIsNone() throws InterruptedException {
    server.behave((to, request) -> to.reply("*1000000\r\n$3\r\nabc\r\n"));
    ask(open(200), PING);
    expect("opened", "closed: no answer within 200 ms", "no reply");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\r\n",
        "$5\r\nab\r\n\r\n",
        ":x\r\n",
        "$99999999999\r\n",
        "%1\r\n+a\r\n+b\r\n"
      })
  void whatIsNoReplyEndsTheConnection(String bytes) throws InterruptedException {
    server.behave((to, request) -> to.reply(bytes));
    ask(open(20_000), PING);
    assertEquals("opened", next());
    String closed = next();
    assertTrue(closed.startsWith("closed: it sends what is no reply ("), closed);
    assertEquals("no reply", next());
  }

  @Test
  void aReplyThatIsNestedTooDeepEndsTheConnection() throws InterruptedException {
    server.behave((to, request) -> to.reply("*1\r\n".repeat(100) + ":1\r\n"));
    ask(open(20_000), PING);
    assertEquals("opened", next());
    String closed = next();
    assertTrue(closed.startsWith("closed: it sends what is no reply ("), closed);
  }

  @Test
  void aReplyHasALargestSize() throws InterruptedException {
    String piece = "$100000\r\n" + "x".repeat(100_000) + "\r\n";
    server.behave((to, request) -> to.reply("*100\r\n" + piece.repeat(100)));
    ask(open(20_000), PING);
    expect("opened", "closed: it sends a reply of more than 1048576 bytes", "no reply");
  }

  @Test
  void whatNobodyAskedForEndsTheConnection() throws InterruptedException {
    server.behave((to, request) -> to.reply("+PONG\r\n+PONG\r\n"));
    ask(open(20_000), PING);
    expect("opened", "[PONG]", "closed: it sends what nobody asked for");
  }

  @Test
  void aServerThatLeavesIsSaid() throws InterruptedException {
    server.behave((to, request) -> to.close());
    ask(open(20_000), PING);
    expect("opened", "closed: it has ended the connection", "no reply");
  }

  @Test
  void whoCannotBeReachedIsSaid() throws InterruptedException {
    String address = "127.0.0.1:" + server.port();
    server.close();
    ask(open(address, Optional.empty(), 20_000), PING);
    String closed = next();
    assertTrue(closed.contains("refused"), closed);
    assertEquals("no reply", next());
  }

  @Test
  void namesAreLookedUp() throws InterruptedException {
    AskingConnection connection = open("known:" + server.port(), Optional.empty(), 20_000);
    expect("opened");
    connection.close();
    ask(open("unknown:1", Optional.empty(), 20_000), PING);
    expect("closed: its name has no address", "no reply");
  }

  @Test
  void aPasswordIsSentFirst() throws InterruptedException {
    try (RealRedis real = RealRedis.start("--requirepass", "secret")) {
      AskingConnection connection = open(real.address(), Optional.of("secret"), 20_000);
      ask(connection, PING);
      expect("opened", "[PONG]");
      connection.close();
      ask(open(real.address(), Optional.of("wrong"), 20_000), PING);
      String closed = next();
      assertTrue(closed.startsWith("closed: it refuses the login (WRONGPASS"), closed);
      assertEquals("no reply", next());
    }
  }

  @Test
  void whatIsAskedAfterTheEndIsNotAnswered() throws InterruptedException {
    AskingConnection connection = open(20_000);
    expect("opened");
    connection.close();
    ask(connection, PING);
    expect("no reply");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "host:", "host:0", "host:65536", ":1", "[::1", "a:b:1", "unix:x"})
  void whatIsNoAddressIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> PeerAddress.of(text));
  }

  @Test
  void addressesAreRead() {
    assertEquals(new PeerAddress("::1", 6379), PeerAddress.of("[::1]:6379"));
    assertEquals(new PeerAddress("db.example", 1), PeerAddress.of("db.example:1"));
    assertEquals(new PeerAddress("/run/redis.sock", 0), PeerAddress.of("unix:/run/redis.sock"));
  }
}
