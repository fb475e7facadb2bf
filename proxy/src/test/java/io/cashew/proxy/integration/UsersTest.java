package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisAccessControlException;

/** Users with rules of their own, through the proxy to two real nodes. */
@ExtendWith(LeakCheck.class)
final class UsersTest {
  private static final String NO_KEY = "NOPERM No permissions to access a key";
  private static final String NO_CHANNEL = "NOPERM No permissions to access a channel";
  private static final String SECRET_SHA256 =
      "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
  private static final List<RealRedis> NODES = new ArrayList<>();

  @BeforeAll
  static void start() {
    NODES.add(RealRedis.start());
    NODES.add(RealRedis.start());
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RealRedis::close);
  }

  private static TestProxy proxy() {
    TestProxy.Builder builder = new TestProxy.Builder();
    NODES.forEach(node -> builder.node(node.port()));
    return builder
        .timeoutMillis(10_000)
        .user("alice", "on >secret ~cache:* resetchannels &news:* +@all -@dangerous -@scripting")
        .user("reader", "on nopass %R~* +@read +@connection")
        .user("writer", "on nopass %W~up:* ~both:* +set +bitfield +get +mget +sort +acl|whoami")
        .user("admin", "on >root ~* &* +@all")
        .user("off", "off >secret ~* +@all")
        .start();
  }

  private static String errorOf(@Nullable Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  private static String denied(String user, String command) {
    return "NOPERM User " + user + " has no permissions to run the '" + command + "' command";
  }

  @Test
  void aUserMayDoWhatItsRulesSayAndNobodyElseNotices() {
    try (TestProxy proxy = proxy();
        RawClient alice = proxy.connect();
        RawClient bystander = proxy.connect()) {
      assertEquals("OK", bystander.send("SET", "other", "theirs"));
      assertEquals("OK", alice.send("AUTH", "alice", "secret"));
      assertEquals("OK", alice.send("SET", "cache:1", "v"));
      assertEquals("v", alice.send("GET", "cache:1"));
      assertEquals("OK", alice.send("MSET", "cache:1", "a", "cache:2", "b", "cache:3", "c"));
      assertEquals(List.of("a", "b"), alice.send("MGET", "cache:1", "cache:2"));
      assertEquals(NO_KEY, errorOf(alice.send("GET", "other")));
      assertEquals(NO_KEY, errorOf(alice.send("SET", "other", "mine")));
      assertEquals(NO_KEY, errorOf(alice.send("MSET", "cache:1", "x", "other", "mine")));
      assertEquals(NO_KEY, errorOf(alice.send("DEL", "cache:1", "other")));
      assertEquals(NO_KEY, errorOf(alice.send("RENAME", "other", "cache:1")));
      assertEquals(NO_CHANNEL, errorOf(alice.send("PUBLISH", "old", "m")));
      assertEquals(NO_CHANNEL, errorOf(alice.send("PSUBSCRIBE", "news:1*")));
      assertEquals(denied("alice", "flushall"), errorOf(alice.send("FLUSHALL")));
      assertEquals(denied("alice", "keys"), errorOf(alice.send("KEYS", "*")));
      assertEquals(denied("alice", "eval"), errorOf(alice.send("EVAL", "return 1", "0")));
      assertEquals(denied("alice", "config|get"), errorOf(alice.send("CONFIG", "GET", "x")));
      assertEquals(denied("alice", "acl|list"), errorOf(alice.send("ACL", "LIST")));
      assertEquals(
          "ERR unknown command 'NOPE', with args beginning with: ", errorOf(alice.send("NOPE")));
      assertEquals("theirs", bystander.send("GET", "other"));
      assertEquals("a", bystander.send("GET", "cache:1"));
      assertEquals(12, (long) proxy.metric("cashew_error_replies_total{kind=\"not_permitted\""));
      assertEquals("OK", bystander.send("FLUSHALL"));
    }
  }

  @Test
  void readingAndWritingAreRightsOfTheirOwn() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "up:1", "old"));
      assertEquals("OK", client.send("AUTH", "writer", ""));
      assertEquals("OK", client.send("SET", "up:1", "new"));
      assertEquals(NO_KEY, errorOf(client.send("SET", "up:1", "newer", "GET")));
      assertEquals(NO_KEY, errorOf(client.send("GET", "up:1")));
      assertNull(client.send("SET", "both:1", "{v}", "EX", "100", "GET"));
      assertEquals("{v}", client.send("GET", "both:1"));
      assertEquals(
          "ERR BY option of SORT denied due to insufficient ACL permissions",
          errorOf(client.send("SORT", "both:1", "BY", "w_*")));
      assertEquals(
          "ERR GET option of SORT denied due to insufficient ACL permissions",
          errorOf(client.send("SORT", "both:1", "get", "secret_*")));
      assertEquals("OK", client.send("AUTH", "reader", ""));
      assertEquals("new", client.send("GET", "up:1"));
      assertEquals(denied("reader", "set"), errorOf(client.send("SET", "up:1", "x")));
      assertEquals("OK", client.send("AUTH", "admin", "root"));
      assertEquals("OK", client.send("FLUSHALL"));
    }
  }

  @Test
  void whoAClientIsChangesOnlyByASuccess() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect()) {
      assertEquals("default", client.send("ACL", "WHOAMI"));
      assertEquals(
          "ERR AUTH <password> called without any password configured for the default user. Are you"
              + " sure your configuration is correct?",
          errorOf(client.send("AUTH", "secret")));
      assertEquals("OK", client.send("AUTH", "default", "whatever"));
      assertEquals("OK", client.send("AUTH", "alice", "secret"));
      String wrong = "WRONGPASS invalid username-password pair or user is disabled.";
      assertEquals(wrong, errorOf(client.send("AUTH", "alice", "Secret")));
      assertEquals(wrong, errorOf(client.send("AUTH", "off", "secret")));
      assertEquals(wrong, errorOf(client.send("AUTH", "nobody", "secret")));
      assertEquals(wrong, errorOf(client.send("HELLO", "3", "AUTH", "nobody", "secret")));
      assertEquals("ERR syntax error", errorOf(client.send("AUTH", "a", "b", "c")));
      assertEquals("alice", client.send("ACL", "WHOAMI"));
      assertTrue(String.valueOf(client.send("CLIENT", "INFO")).contains(" user=alice "));
      assertEquals("RESET", client.send("RESET"));
      assertEquals("default", client.send("ACL", "WHOAMI"));
      assertInstanceOf(List.class, client.send("HELLO", "2", "AUTH", "alice", "secret"));
      assertEquals(NO_KEY, errorOf(client.send("GET", "other")));
    }
  }

  @Test
  void nothingButAuthenticationComesFirst() {
    TestProxy.Builder builder =
        new TestProxy.Builder()
            .node(NODES.get(0).port())
            .user("default", "off")
            .user("bob", "on #" + SECRET_SHA256 + " ~* +get +set");
    try (TestProxy proxy = builder.start();
        RawClient client = proxy.connect()) {
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("ACL", "WHOAMI"));
      client.write(RawClient.request("AUTH", "default", ""));
      client.write(RawClient.request("AUTH", "bob", "secret"));
      client.write(RawClient.request("SET", "k", "v"));
      client.write(RawClient.request("DEL", "k"));
      client.write(RawClient.request("RESET"));
      client.write(RawClient.request("GET", "k"));
      assertEquals("NOAUTH Authentication required.", errorOf(client.read()));
      assertEquals("NOAUTH Authentication required.", errorOf(client.read()));
      assertTrue(errorOf(client.read()).startsWith("WRONGPASS"));
      assertEquals("OK", client.read());
      assertEquals("OK", client.read());
      assertEquals(denied("bob", "del"), errorOf(client.read()));
      assertEquals("RESET", client.read());
      assertEquals("NOAUTH Authentication required.", errorOf(client.read()));
    }
  }

  private static Map<Object, Object> map(@Nullable Object fields) {
    List<?> list = assertInstanceOf(List.class, fields);
    Map<Object, Object> map = new TreeMap<>();
    for (int i = 0; i < list.size(); i += 2) {
      map.put(list.get(i), list.get(i + 1));
    }
    return map;
  }

  @Test
  void aclTellsOfUsers() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect()) {
      assertEquals(
          List.of("admin", "alice", "default", "off", "reader", "writer"),
          client.send("ACL", "USERS"));
      List<?> users = assertInstanceOf(List.class, client.send("ACL", "LIST"));
      assertEquals(
          "user alice on sanitize-payload #"
              + SECRET_SHA256
              + " ~cache:* resetchannels &news:* +@all -@dangerous -@scripting",
          users.get(1));
      assertEquals("user default on nopass sanitize-payload ~* &* +@all", users.get(2));
      Map<Object, Object> alice = map(client.send("ACL", "GETUSER", "alice"));
      assertEquals(List.of("on", "sanitize-payload"), alice.get("flags"));
      assertEquals(List.of(SECRET_SHA256), alice.get("passwords"));
      assertEquals("+@all -@dangerous -@scripting", alice.get("commands"));
      assertEquals("~cache:*", alice.get("keys"));
      assertEquals("&news:*", alice.get("channels"));
      assertEquals(List.of(), alice.get("selectors"));
      assertNull(client.send("ACL", "GETUSER", "nobody"));
      assertEquals(21, assertInstanceOf(List.class, client.send("ACL", "CAT")).size());
      List<?> scripting = assertInstanceOf(List.class, client.send("ACL", "CAT", "Scripting"));
      assertTrue(scripting.containsAll(List.of("eval", "script|load")), scripting::toString);
      assertFalse(scripting.contains("get"));
      assertEquals("ERR Unknown category 'nope'", errorOf(client.send("ACL", "CAT", "nope")));
      assertEquals(64, String.valueOf(client.send("ACL", "GENPASS")).length());
      assertTrue(String.valueOf(client.send("ACL", "GENPASS", "5")).matches("[0-9a-f]{2}"));
      assertTrue(errorOf(client.send("ACL", "GENPASS", "0")).contains("up to 4096"));
      assertTrue(errorOf(client.send("ACL", "GENPASS", "x")).startsWith("ERR value is not an int"));
      assertEquals(
          "ERR unknown subcommand or wrong number of arguments for 'genPass'. Try ACL HELP.",
          errorOf(client.send("ACL", "genPass", "5", "5")));
      assertTrue(assertInstanceOf(List.class, client.send("ACL", "HELP")).contains("HELP"));
      for (String change : List.of("SETUSER", "DELUSER", "LOAD", "SAVE")) {
        String[] request =
            change.length() > 4
                ? new String[] {"ACL", change, "alice"}
                : new String[] {"ACL", change};
        assertEquals(
            "ERR Users are set in the configuration of the pool", errorOf(client.send(request)));
      }
    }
  }

  @Test
  void dryRunTellsWhatWouldBe() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("ACL", "DRYRUN", "alice", "GET", "cache:1"));
      assertEquals(
          "User alice has no permissions to access the 'other' key",
          client.send("ACL", "DRYRUN", "alice", "MGET", "cache:1", "other"));
      assertEquals(
          "User alice has no permissions to access the 'old' channel",
          client.send("ACL", "DRYRUN", "alice", "PUBLISH", "old", "m"));
      assertEquals(
          "User alice has no permissions to run the 'config|set' command",
          client.send("ACL", "DRYRUN", "alice", "config", "set", "a", "b"));
      assertEquals(
          "ERR User 'nobody' not found",
          errorOf(client.send("ACL", "DRYRUN", "nobody", "GET", "k")));
      assertEquals(
          "ERR Command 'nope' not found",
          errorOf(client.send("ACL", "DRYRUN", "alice", "nope", "k")));
      assertEquals(
          "ERR wrong number of arguments for 'get' command",
          errorOf(client.send("ACL", "DRYRUN", "alice", "GET")));
    }
  }

  @Test
  void refusalsAreLoggedForThePool() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect();
        RawClient admin = proxy.connect()) {
      assertTrue(errorOf(client.send("auth", "alice", "wrong")).startsWith("WRONGPASS"));
      assertEquals("OK", client.send("AUTH", "alice", "secret"));
      errorOf(client.send("GET", "other"));
      errorOf(client.send("FLUSHALL"));
      errorOf(client.send("GET", "other"));
      errorOf(client.send("PUBLISH", "old", "m"));
      List<?> entries = assertInstanceOf(List.class, admin.send("ACL", "LOG"));
      assertEquals(4, entries.size());
      assertEntry(map(entries.get(0)), 1, "channel", "old", 3);
      assertEntry(map(entries.get(1)), 2, "key", "other", 1);
      assertEntry(map(entries.get(2)), 1, "command", "flushall", 2);
      assertEntry(map(entries.get(3)), 1, "auth", "auth", 0);
      assertEquals(1, assertInstanceOf(List.class, admin.send("ACL", "LOG", "1")).size());
      assertEquals(List.of(), admin.send("ACL", "LOG", "-1"));
      assertEquals("OK", admin.send("ACL", "LOG", "reset"));
      assertEquals(List.of(), admin.send("ACL", "LOG"));
      assertTrue(errorOf(admin.send("ACL", "LOG", "x")).startsWith("ERR value is not an integer"));
    }
  }

  private static void assertEntry(
      Map<Object, Object> entry, long count, String reason, String object, long id) {
    assertEquals(count, entry.get("count"));
    assertEquals(reason, entry.get("reason"));
    assertEquals("toplevel", entry.get("context"));
    assertEquals(object, entry.get("object"));
    assertEquals("alice", entry.get("username"));
    assertEquals(id, entry.get("entry-id"));
    assertTrue(Double.parseDouble(String.valueOf(entry.get("age-seconds"))) < 60);
    String client = String.valueOf(entry.get("client-info"));
    assertTrue(client.contains(reason.equals("auth") ? "user=default" : "user=alice"), client);
    long created = assertInstanceOf(Long.class, entry.get("timestamp-created"));
    assertTrue(assertInstanceOf(Long.class, entry.get("timestamp-last-updated")) >= created);
  }

  @Test
  void aCommandThatIsNotAllowedSpoilsItsTransaction() {
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect();
        RawClient admin = proxy.connect()) {
      assertEquals("OK", client.send("AUTH", "alice", "secret"));
      assertEquals("OK", client.send("MULTI"));
      assertEquals("QUEUED", client.send("SET", "cache:t", "v"));
      assertEquals(NO_KEY, errorOf(client.send("GET", "other")));
      assertTrue(errorOf(client.send("EXEC")).startsWith("EXECABORT"));
      assertNull(client.send("GET", "cache:t"));
      assertEquals(NO_KEY, errorOf(client.send("WATCH", "other")));
      assertEquals(NO_KEY, errorOf(client.send("BLPOP", "other", "0")));
      List<?> entries = assertInstanceOf(List.class, admin.send("ACL", "LOG"));
      assertEquals("toplevel", map(entries.get(0)).get("context"));
      assertEquals("multi", map(entries.get(1)).get("context"));
    }
  }

  private static String bulks(String... texts) {
    StringBuilder bytes = new StringBuilder();
    for (String text : texts) {
      bytes.append('$').append(text.length()).append("\r\n").append(text).append("\r\n");
    }
    return bytes.toString();
  }

  @Test
  void resp3ClientsGetMapsAndSets() {
    TestProxy.Builder builder =
        new TestProxy.Builder()
            .node(NODES.get(0).port())
            .user("b", "on nopass ~a* ~b &c +@all -@dangerous (~x* +get) (%R~y &z -@all +set)");
    String expected =
        "%6\r\n"
            + bulks("flags")
            + "~3\r\n"
            + bulks("on", "nopass", "sanitize-payload", "passwords")
            + "*0\r\n"
            + bulks("commands", "+@all -@dangerous", "keys", "~a* ~b", "channels", "&c")
            + bulks("selectors")
            + "*2\r\n%3\r\n"
            + bulks("commands", "-@all +get", "keys", "~x*", "channels", "")
            + "%3\r\n"
            + bulks("commands", "-@all +set", "keys", "%R~y", "channels", "&z")
            + "_\r\n";
    try (TestProxy proxy = builder.start();
        RawClient client = proxy.connect()) {
      assertEquals(NO_KEY, errorOf(asUser(client, "b", "GET", "nothing")));
      client.write(RawClient.request("HELLO", "3"));
      client.readUntil("modules\r\n*0\r\n");
      client.write(RawClient.request("GET", "nothing"));
      assertEquals("-" + NO_KEY + "\r\n", client.readBytes(NO_KEY.length() + 3));
      client.write(RawClient.request("AUTH", "default", ""));
      assertEquals("+OK\r\n", client.readBytes(5));
      client.write(RawClient.request("ACL", "GETUSER", "b"));
      client.write(RawClient.request("ACL", "GETUSER", "nobody"));
      assertEquals(expected, client.readBytes(expected.length()));
      client.write(RawClient.request("ACL", "LOG", "1"));
      String entry = "*1\r\n%10\r\n" + bulks("count") + ":2\r\n" + bulks("reason", "key");
      assertEquals(entry, client.readBytes(entry.length()));
    }
  }

  private static @Nullable Object asUser(RawClient client, String user, String... request) {
    assertEquals("OK", client.send("AUTH", user, ""));
    return client.send(request);
  }

  @Test
  void largeRequestsAreCheckedBeforeAByteOfThemLeaves() {
    String value = "v".repeat(3 << 20);
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      assertEquals("OK", client.send("AUTH", "writer", ""));
      long before = (long) proxy.metric("cashew_node_request_bytes_total");
      assertEquals(NO_KEY, errorOf(client.send("SET", "other", value)));
      assertEquals(NO_KEY, errorOf(client.send("SET", "up:1", value, "GET")));
      assertEquals(denied("writer", "append"), errorOf(client.send("APPEND", "both:1", value)));
      assertEquals(before, (long) proxy.metric("cashew_node_request_bytes_total"));
      assertEquals("OK", client.send("SET", "up:1", value));
      assertEquals("OK", client.send("SET", "both:large", value));
      assertEquals((long) value.length(), bystander.send("STRLEN", "up:1"));
      assertEquals((long) value.length(), bystander.send("STRLEN", "both:large"));
      assertNull(bystander.send("GET", "other"));
      assertEquals("OK", bystander.send("FLUSHALL"));
    }
  }

  @Test
  void jedisAndLettuceAreNamedUsers() {
    try (TestProxy proxy = proxy()) {
      for (RedisProtocol protocol : RedisProtocol.values()) {
        DefaultJedisClientConfig config =
            DefaultJedisClientConfig.builder()
                .user("alice")
                .password("secret")
                .protocol(protocol)
                .build();
        try (Jedis jedis = new Jedis(new HostAndPort("127.0.0.1", proxy.port()), config)) {
          assertEquals("alice", jedis.aclWhoAmI());
          jedis.set("cache:j", "v");
          assertEquals("v", jedis.get("cache:j"));
          assertThrows(JedisAccessControlException.class, () -> jedis.get("other"));
        }
      }
      DefaultJedisClientConfig wrong =
          DefaultJedisClientConfig.builder().user("alice").password("nope").build();
      assertThrows(
          JedisAccessControlException.class,
          () -> new Jedis(new HostAndPort("127.0.0.1", proxy.port()), wrong).ping());
      RedisClient lettuce =
          RedisClient.create(
              RedisURI.builder()
                  .withHost("127.0.0.1")
                  .withPort(proxy.port())
                  .withAuthentication("alice", "secret")
                  .build());
      try (StatefulRedisConnection<String, String> connection = lettuce.connect()) {
        assertEquals("v", connection.sync().get("cache:j"));
        assertEquals("alice", connection.sync().aclWhoami());
        RedisCommandExecutionException error =
            assertThrows(
                RedisCommandExecutionException.class, () -> connection.sync().get("other"));
        assertEquals(NO_KEY, error.getMessage());
      } finally {
        lettuce.shutdown();
      }
    }
  }

  @Test
  void noPasswordComesIntoALog() {
    Logger root = (Logger) LoggerFactory.getLogger("io.cashew");
    Level level = root.getLevel();
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    root.addAppender(events);
    root.setLevel(Level.TRACE);
    try (TestProxy proxy = proxy();
        RawClient client = proxy.connect();
        RawClient broken = proxy.connect()) {
      errorOf(client.send("AUTH", "alice", "hunter2"));
      assertEquals("OK", client.send("AUTH", "alice", "secret"));
      errorOf(client.send("HELLO", "3", "AUTH", "alice", "hunter2", "hunter2"));
      broken.write("*3\r\n$4\r\nAUTH\r\n$5\r\nalice\r\n$7\r\nhunter2xx\r\n".getBytes(ISO_8859_1));
      errorOf(broken.read());
    } finally {
      root.setLevel(level);
      root.detachAppender(events);
    }
    assertFalse(events.list.isEmpty());
    for (ILoggingEvent event : events.list) {
      String text = event.getFormattedMessage();
      assertFalse(text.contains("hunter2") || text.contains("secret"), text);
      assertFalse(text.contains(SECRET_SHA256), text);
    }
  }
}
