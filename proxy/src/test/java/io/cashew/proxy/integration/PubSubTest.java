package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pub/sub as Redis has it, in front of one real node and of three. */
@ExtendWith(LeakCheck.class)
final class PubSubTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static final Keys KEYS = Keys.over(3);

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start("--notify-keyspace-events", "KEA"));
    }
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RealRedis::close);
  }

  private static TestProxy.Builder over(int nodes) {
    TestProxy.Builder builder = new TestProxy.Builder().timeoutMillis(10_000);
    NODES.subList(0, nodes).forEach(node -> builder.node(node.port()));
    return builder;
  }

  private static List<Object> list(Object... elements) {
    return Arrays.asList(elements);
  }

  private static void subscribe(RawClient client, String... names) {
    for (int i = 0; i < names.length; i++) {
      assertEquals(
          list("subscribe", names[i], i + 1L),
          i == 0 ? client.send(with("SUBSCRIBE", names)) : client.read());
    }
  }

  private static String[] with(String command, String... names) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(names));
    return all.toArray(String[]::new);
  }

  /** Turns on RESP3; what follows is read as bytes. */
  private static RawClient resp3(TestProxy proxy) {
    RawClient client = proxy.connect();
    client.write(RawClient.request("HELLO", "3"));
    client.readUntil("modules\r\n*0\r\n");
    return client;
  }

  private static void expect(RawClient client, String bytes) {
    assertEquals(bytes, client.readBytes(bytes.length()));
  }

  private static String array(char type, String... bulks) {
    StringBuilder all = new StringBuilder().append(type).append(bulks.length).append("\r\n");
    for (String bulk : bulks) {
      all.append("$").append(bulk.length()).append("\r\n").append(bulk).append("\r\n");
    }
    return all.toString();
  }

  private static String confirmation(String word, String name, int count) {
    return array('>', word, name).replace(">2", ">3") + ":" + count + "\r\n";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void messagesComeToThoseWhoSubscribedAndAreCounted(int nodes) {
    try (TestProxy proxy = over(nodes).start();
        RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient publisher = proxy.connect()) {
      subscribe(one, "chan1", "chan2");
      assertEquals(1L, publisher.send("PUBLISH", "chan1", "hello"));
      assertEquals(list("message", "chan1", "hello"), one.read());
      assertEquals(1L, publisher.send("PUBLISH", "chan2", "world"));
      assertEquals(list("message", "chan2", "world"), one.read());
      subscribe(two, "chan1");
      assertEquals(2L, publisher.send("PUBLISH", "chan1", "both"));
      assertEquals(list("message", "chan1", "both"), one.read());
      assertEquals(list("message", "chan1", "both"), two.read());
      assertEquals(
          list("chan1", 2L, "none", 0L, "chan2", 1L, "chan1", 2L),
          publisher.send("PUBSUB", "NUMSUB", "chan1", "none", "chan2", "chan1"));
      assertEquals(list(), publisher.send("PUBSUB", "NUMSUB"));
      assertEquals(list("unsubscribe", "chan1", 1L), one.send("UNSUBSCRIBE", "chan1"));
      assertEquals(1L, publisher.send("PUBLISH", "chan1", "two only"));
      assertEquals(list("message", "chan1", "two only"), two.read());
      assertEquals(list("unsubscribe", "chan2", 0L), one.send("UNSUBSCRIBE"));
      assertEquals(0L, publisher.send("PUBLISH", "chan2", "nobody"));
      assertEquals(list("chan1"), publisher.send("PUBSUB", "CHANNELS", "ch*"));
      assertEquals("OK", one.send("SET", "k", "normal again"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void subscribingTwiceAndUnsubscribingFromNothingAreConfirmed(int nodes) {
    try (TestProxy proxy = over(nodes).start();
        RawClient client = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("unsubscribe", null, 0L), client.send("UNSUBSCRIBE"));
      assertEquals(list("punsubscribe", null, 0L), client.send("PUNSUBSCRIBE"));
      assertEquals(list("unsubscribe", "foo", 0L), client.send("UNSUBSCRIBE", "foo", "bar"));
      assertEquals(list("unsubscribe", "bar", 0L), client.read());
      assertEquals(list("subscribe", "c", 1L), client.send("SUBSCRIBE", "c", "c", "c"));
      assertEquals(list("subscribe", "c", 1L), client.read());
      assertEquals(list("subscribe", "c", 1L), client.read());
      assertEquals(1L, publisher.send("PUBLISH", "c", "once"));
      assertEquals(list("message", "c", "once"), client.read());
      assertEquals(list("psubscribe", "p*", 2L), client.send("PSUBSCRIBE", "p*"));
      assertEquals(1L, publisher.send("PUBSUB", "NUMPAT"));
      assertEquals(list("punsubscribe", "p*", 1L), client.send("PUNSUBSCRIBE"));
      assertEquals(0L, publisher.send("PUBSUB", "NUMPAT"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aClientGetsAMessageForTheChannelAndForEachPattern(int nodes) {
    try (TestProxy proxy = over(nodes).start();
        RawClient client = proxy.connect();
        RawClient other = proxy.connect();
        RawClient publisher = proxy.connect()) {
      subscribe(client, "foo.bar");
      assertEquals(list("psubscribe", "foo.*", 2L), client.send("PSUBSCRIBE", "foo.*", "*bar"));
      assertEquals(list("psubscribe", "*bar", 3L), client.read());
      assertEquals(list("psubscribe", "foo.*", 1L), other.send("PSUBSCRIBE", "foo.*"));
      assertEquals(4L, publisher.send("PUBLISH", "foo.bar", "hi"));
      assertEquals(list("pmessage", "foo.*", "foo.bar", "hi"), other.read());
      Set<String> got = new TreeSet<>();
      for (int i = 0; i < 3; i++) {
        got.add(String.valueOf(client.read()));
      }
      assertEquals(
          Set.of(
              "[message, foo.bar, hi]",
              "[pmessage, foo.*, foo.bar, hi]",
              "[pmessage, *bar, foo.bar, hi]"),
          got);
      assertEquals(0L, publisher.send("PUBLISH", "qux", "nobody"));
      assertEquals(2L, publisher.send("PUBSUB", "NUMPAT"));
      assertEquals(list("foo.bar"), publisher.send("PUBSUB", "CHANNELS"));
      assertEquals(list("foo.bar", 1L), publisher.send("PUBSUB", "NUMSUB", "foo.bar"));
    }
  }

  /** The server that is shipped is older than shard channels: this needs one that is installed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shardChannelsAreApartFromChannels(int nodes) {
    List<RealRedis> installed = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      RealRedis.startInstalled().ifPresent(installed::add);
    }
    try {
      assumeTrue(installed.size() == nodes, "no redis-server on the PATH");
      try (RawClient client = installed.get(0).connect()) {
        boolean knows = client.send("SPUBLISH", "c", "m") instanceof Long;
        assumeTrue(knows, "the redis-server on the PATH is older than 7.0");
      }
      shardChannelsAreApartFromChannels(installed);
    } finally {
      installed.forEach(RealRedis::close);
    }
  }

  private static void shardChannelsAreApartFromChannels(List<RealRedis> nodes) {
    try (TestProxy proxy = TestProxy.of(nodes.toArray(RealRedis[]::new));
        RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient three = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("ssubscribe", "chan1", 1L), one.send("SSUBSCRIBE", "chan1"));
      assertEquals(list("ssubscribe", "chan1", 1L), two.send("SSUBSCRIBE", "chan1", "chan2"));
      assertEquals(list("ssubscribe", "chan2", 2L), two.read());
      subscribe(three, "chan1");
      assertEquals(2L, publisher.send("SPUBLISH", "chan1", "hello"));
      assertEquals(list("smessage", "chan1", "hello"), one.read());
      assertEquals(list("smessage", "chan1", "hello"), two.read());
      assertEquals(1L, publisher.send("PUBLISH", "chan1", "other"));
      assertEquals(list("message", "chan1", "other"), three.read());
      assertEquals(
          list("chan1", 2L, "chan2", 1L),
          publisher.send("PUBSUB", "SHARDNUMSUB", "chan1", "chan2"));
      assertEquals(
          Set.of("chan1", "chan2"),
          Set.copyOf((List<?>) publisher.send("PUBSUB", "SHARDCHANNELS")));
      assertEquals(list("chan1"), publisher.send("PUBSUB", "CHANNELS"));
      assertEquals(list("subscribe", "x", 1L), two.send("SUBSCRIBE", "x"));
      assertEquals(list("sunsubscribe", "chan2", 1L), two.send("SUNSUBSCRIBE", "chan2"));
      assertEquals(list("sunsubscribe", "chan1", 0L), two.send("SUNSUBSCRIBE"));
      assertEquals(1L, publisher.send("SPUBLISH", "chan1", "one"));
    }
  }

  @Test
  void eachMessageComesOnceWhicheverNodePublishesIt() {
    try (TestProxy proxy = over(3).workers(2).start();
        RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient publisher = proxy.connect()) {
      subscribe(one, "ch");
      assertEquals(list("psubscribe", "c?", 1L), two.send("PSUBSCRIBE", "c?"));
      for (int node = 0; node < 3; node++) {
        String script = "return redis.call('publish', 'ch', ARGV[1])";
        publisher.send("EVAL", script, "1", KEYS.on(node), "from node " + node);
        assertEquals(list("message", "ch", "from node " + node), one.read());
        assertEquals(list("pmessage", "c?", "ch", "from node " + node), two.read());
        try (RawClient direct = NODES.get(node).connect()) {
          direct.send("PUBLISH", "ch", "straight to " + node);
        }
        assertEquals(list("message", "ch", "straight to " + node), one.read());
        assertEquals(list("pmessage", "c?", "ch", "straight to " + node), two.read());
      }
      assertEquals(2L, publisher.send("PUBLISH", "ch", "last"));
      assertEquals(list("message", "ch", "last"), one.read());
      assertEquals(list("pmessage", "c?", "ch", "last"), two.read());
    }
  }

  @Test
  void keyspaceNotificationsComeOnceFromEveryNode() {
    try (TestProxy proxy = over(3).start();
        RawClient client = proxy.connect();
        RawClient writer = proxy.connect()) {
      String pattern = "__keyspace@0__:*";
      assertEquals(list("psubscribe", pattern, 1L), client.send("PSUBSCRIBE", pattern));
      for (int node = 0; node < 3; node++) {
        String key = KEYS.on(node);
        assertEquals("OK", writer.send("SET", key, "v"));
        assertEquals(list("pmessage", pattern, "__keyspace@0__:" + key, "set"), client.read());
        assertEquals(1L, writer.send("DEL", key));
        assertEquals(list("pmessage", pattern, "__keyspace@0__:" + key, "del"), client.read());
      }
    }
  }

  @Test
  void aSubscribedClientOfResp2MayOnlyListen() {
    try (TestProxy proxy = over(3).start();
        RawClient client = proxy.connect()) {
      client.write(RawClient.request("SUBSCRIBE", "c"));
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("CLIENT", "ID"));
      client.write(RawClient.request("PING"));
      client.write(RawClient.request("PING", "there"));
      client.write(RawClient.request("NOSUCH"));
      client.write(RawClient.request("RESET"));
      client.write(RawClient.request("PING"));
      String refused =
          ": only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this"
              + " context\r\n";
      expect(
          client,
          "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
              + "-ERR Can't execute 'get'"
              + refused
              + "-ERR Can't execute 'client|id'"
              + refused
              + "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
              + "*2\r\n$4\r\npong\r\n$5\r\nthere\r\n"
              + "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"
              + "+RESET\r\n"
              + "+PONG\r\n");
      assertEquals(0L, client.send("PUBLISH", "c", "nobody is left"));
    }
  }

  @Test
  void aClientOfResp3GoesOnIssuingCommands() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy)) {
      client.write(RawClient.request("SUBSCRIBE", "foo", "bar"));
      client.write(RawClient.request("SET", "k", "v"));
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("PUBLISH", "foo", "vaz"));
      client.write(RawClient.request("PING"));
      expect(
          client,
          confirmation("subscribe", "foo", 1)
              + confirmation("subscribe", "bar", 2)
              + "+OK\r\n$1\r\nv\r\n:1\r\n");
      String rest =
          client.readBytes("+PONG\r\n".length() + array('>', "message", "foo", "vaz").length());
      assertEquals(
          "+PONG\r\n" + array('>', "message", "foo", "vaz"),
          rest.startsWith("+")
              ? rest
              : rest.substring(rest.length() - 7) + rest.substring(0, rest.length() - 7));
      client.write(RawClient.request("UNSUBSCRIBE", "bar"));
      expect(client, confirmation("unsubscribe", "bar", 1));
      client.write(RawClient.request("UNSUBSCRIBE"));
      expect(client, confirmation("unsubscribe", "foo", 0));
      client.write(RawClient.request("UNSUBSCRIBE"));
      expect(client, ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n");
    }
  }

  @Test
  void whatAScriptPublishesToItsCallerComesAfterItsReply() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy)) {
      client.write(RawClient.request("SUBSCRIBE", "foo"));
      expect(client, confirmation("subscribe", "foo", 1));
      for (int node = 0; node < 3; node++) {
        for (int i = 0; i < 50; i++) {
          client.write(
              RawClient.request(
                  "EVAL",
                  "redis.call('publish','foo','bar'); redis.call('publish','foo','vaz'); return"
                      + " 'bla'",
                  "1",
                  KEYS.on(node)));
          expect(
              client,
              "$3\r\nbla\r\n"
                  + array('>', "message", "foo", "bar")
                  + array('>', "message", "foo", "vaz"));
        }
      }
    }
  }

  @Test
  void whatATransactionPublishesToItsClientComesAfterItsReply() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy)) {
      client.write(RawClient.request("SUBSCRIBE", "foo"));
      expect(client, confirmation("subscribe", "foo", 1));
      for (String[] request :
          List.of(
              new String[] {"MULTI"},
              new String[] {"PING", "abc"},
              new String[] {"PUBLISH", "foo", "bar"},
              new String[] {"PUBLISH", "foo", "vaz"},
              new String[] {"EXEC"})) {
        client.write(RawClient.request(request));
      }
      expect(
          client,
          "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$3\r\nabc\r\n:1\r\n:1\r\n"
              + array('>', "message", "foo", "bar")
              + array('>', "message", "foo", "vaz"));
    }
  }

  @Test
  void messagesAndConfirmationsAreNoRepliesToClientReply() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy);
        RawClient two = proxy.connect();
        RawClient publisher = proxy.connect()) {
      client.write(RawClient.request("CLIENT", "REPLY", "OFF"));
      client.write(RawClient.request("PING"));
      client.write(RawClient.request("SUBSCRIBE", "foo"));
      expect(client, confirmation("subscribe", "foo", 1));
      assertEquals(1L, publisher.send("PUBLISH", "foo", "m"));
      expect(client, array('>', "message", "foo", "m"));
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("UNSUBSCRIBE", "foo"));
      expect(client, confirmation("unsubscribe", "foo", 0));
      two.write(RawClient.request("CLIENT", "REPLY", "SKIP"));
      subscribe(two, "foo");
      assertTrue(
          String.valueOf(publisher.send("CLIENT", "LIST")).contains(" sub=1 psub=0 ssub=0 "));
    }
  }

  @Test
  void messagesComeWhileACommandBlocks() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy);
        RawClient other = proxy.connect()) {
      client.write(RawClient.request("SUBSCRIBE", "foo"));
      expect(client, confirmation("subscribe", "foo", 1));
      client.write(RawClient.request("BLPOP", "list", "0"));
      assertEquals(1L, other.send("PUBLISH", "foo", "meanwhile"));
      expect(client, array('>', "message", "foo", "meanwhile"));
      assertEquals(1L, other.send("RPUSH", "list", "e"));
      expect(client, array('*', "list", "e"));
    }
  }

  @Test
  void messagesNeverComeWithinAReplyThatStreams() {
    // What a client may have in flight at first is less than a subscriber may leave unread.
    String value = "v".repeat(1 << 20);
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy);
        RawClient publisher = proxy.connect()) {
      publisher.send("SET", "large", value);
      client.write(RawClient.request("PSUBSCRIBE", "ch*"));
      expect(client, confirmation("psubscribe", "ch*", 1));
      int published = 0;
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 5; i++) {
          client.write(RawClient.request("GET", "large"));
        }
        for (int i = 0; i < 20; i++) {
          assertEquals(1L, publisher.send("PUBLISH", "ch", "m" + published++));
        }
      }
      int replies = 0;
      int messages = 0;
      while (replies < 50 || messages < published) {
        String line = client.readUntil("\r\n");
        if (line.startsWith("$")) {
          assertEquals("$" + value.length() + "\r\n", line);
          assertEquals(value + "\r\n", client.readBytes(value.length() + 2));
          replies++;
        } else {
          String expected = array('>', "pmessage", "ch*", "ch", "m" + messages++);
          assertEquals(expected, line + client.readBytes(expected.length() - line.length()));
        }
      }
    }
  }

  @Test
  void aPipelineOfSubscriptionsAndCommandsKeepsItsOrder() {
    try (TestProxy proxy = over(3).start();
        RawClient client = resp3(proxy)) {
      StringBuilder requests = new StringBuilder();
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        requests.append(new String(RawClient.request("INCR", "order"), ISO_8859_1));
        requests.append(new String(RawClient.request("SUBSCRIBE", "c" + i), ISO_8859_1));
        requests.append(new String(RawClient.request("SET", "k" + i, "v"), ISO_8859_1));
        requests.append(new String(RawClient.request("UNSUBSCRIBE", "c" + i), ISO_8859_1));
        expected.append(":").append(i + 1).append("\r\n");
        expected.append(confirmation("subscribe", "c" + i, 1)).append("+OK\r\n");
        expected.append(confirmation("unsubscribe", "c" + i, 0));
      }
      client.write(RawClient.request("DEL", "order"));
      client.readUntil("\r\n");
      client.write(requests.toString().getBytes(ISO_8859_1));
      expect(client, expected.toString());
    }
  }

  @Test
  void aClientThatLeavesIsUnsubscribedAtTheNodes() {
    try (TestProxy proxy = over(3).start();
        RawClient stays = proxy.connect()) {
      RawClient leaves = proxy.connect();
      subscribe(leaves, "left", "shared");
      assertEquals(list("psubscribe", "left*", 3L), leaves.send("PSUBSCRIBE", "left*"));
      subscribe(stays, "shared");
      assertEquals(2.0, proxy.metric("cashew_subscribers{"));
      assertEquals(3.0, proxy.metric("cashew_channel_subscriptions{"));
      assertEquals(1.0, proxy.metric("cashew_pattern_subscriptions{"));
      leaves.close();
      for (RealRedis node : NODES) {
        try (RawClient direct = node.connect()) {
          Await.until(
              "the node has forgotten",
              () ->
                  direct
                      .send("PUBSUB", "NUMSUB", "left", "shared")
                      .equals(list("left", 0L, "shared", 1L)));
          Await.until("and the pattern", () -> direct.send("PUBSUB", "NUMPAT").equals(0L));
        }
      }
      assertEquals(1.0, proxy.metric("cashew_subscribers{"));
      assertEquals(3.0, proxy.metric("cashew_node_subscriber_connections{"));
    }
  }

  @Test
  void clientsOfSeveralWorkersAreAllReachedAndCountedOnce() {
    try (TestProxy proxy = over(3).workers(2).start();
        RawClient publisher = proxy.connect()) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        clients.add(proxy.connect());
        subscribe(clients.get(i), "many");
      }
      assertEquals(list("psubscribe", "m*", 2L), clients.get(0).send("PSUBSCRIBE", "m*"));
      try (RawClient direct = NODES.get(KEYS.nodeOf("many")).connect()) {
        subscribe(direct, "many");
        assertEquals(202L, publisher.send("PUBLISH", "many", "hi"));
        assertEquals(list("many", 201L), publisher.send("PUBSUB", "NUMSUB", "many"));
        for (RawClient client : clients) {
          assertEquals(list("message", "many", "hi"), client.read());
        }
        assertEquals(list("pmessage", "m*", "many", "hi"), clients.get(0).read());
      }
      Await.until(
          "the node has seen its own client leave",
          () -> publisher.send("PUBSUB", "NUMSUB", "many").equals(list("many", 200L)));
      for (int i = 0; i < 200; i++) {
        assertEquals(
            list("unsubscribe", "many", i == 0 ? 1L : 0L), clients.get(i).send("UNSUBSCRIBE"));
        assertEquals(200L - i, publisher.send("PUBLISH", "many", "" + i));
        for (int j = i + 1; j < 200; j++) {
          assertEquals(list("message", "many", "" + i), clients.get(j).read());
        }
        assertEquals(list("pmessage", "m*", "many", "" + i), clients.get(0).read());
      }
      clients.forEach(RawClient::close);
    }
  }

  @Test
  void messagesOfAnySizeAndAnyBytesPass() {
    try (TestProxy proxy = over(3).start();
        RawClient two = proxy.connect();
        RawClient three = resp3(proxy);
        RawClient publisher = proxy.connect()) {
      String channel = "ch\r\n\0\u00ff";
      subscribe(two, channel);
      three.write(RawClient.request("SUBSCRIBE", channel));
      expect(three, confirmation("subscribe", channel, 1));
      for (int size : new int[] {0, 1, 8191, 8192, 70_000, 3 << 20}) {
        String message = "\r\n*3\u00fe".repeat(size / 5 + 1).substring(0, size);
        assertEquals(2L, publisher.send("PUBLISH", channel, message));
        assertEquals(list("message", channel, message), two.read());
        expect(three, array('>', "message", channel, message));
      }
    }
  }

  @Test
  void subscribeBeforeAuthIsRefused() {
    try (RealRedis node = RealRedis.start("--requirepass", "inner");
        TestProxy proxy =
            new TestProxy.Builder()
                .node(node.port())
                .password("outer")
                .nodePassword("inner")
                .start();
        RawClient client = proxy.connect()) {
      assertTrue(
          assertInstanceOf(ErrorReply.class, client.send("SUBSCRIBE", "c"))
              .text()
              .startsWith("NOAUTH"));
      assertEquals("OK", client.send("AUTH", "outer"));
      subscribe(client, "c");
    }
  }
}
