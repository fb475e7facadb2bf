package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.DeclaredCommand;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Commands that the nodes have and Redis's own table has not: declared ones and modules'. */
@ExtendWith(LeakCheck.class)
final class DeclaredCommandsTest {
  private static final String[] RENAMED = {
    "--rename-command", "GETSET", "my.swap",
    "--rename-command", "PFCOUNT", "my.count",
    "--rename-command", "MSETNX", "my.msetnx",
    "--rename-command", "LASTSAVE", "my.nokeys",
    // Whatever a module would answer: what counts is which node is asked.
    "--rename-command", "STRLEN", "json.strlen",
    "--rename-command", "DBSIZE", "ts.queryindex",
  };

  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy one;
  private static TestProxy three;

  private static final DeclaredCommand[] DECLARED = {
    new DeclaredCommand("my.swap", 3, 1, 1, 1, true),
    new DeclaredCommand("my.count", -2, 1, -1, 1, false),
    new DeclaredCommand("my.msetnx", -3, 1, -1, 2, true),
    new DeclaredCommand("my.nokeys", 1, 0, 0, 1, false),
  };

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start(RENAMED));
    }
    one = new TestProxy.Builder().node(NODES.get(0).port()).commands(DECLARED).start();
    TestProxy.Builder builder = new TestProxy.Builder().commands(DECLARED);
    NODES.forEach(node -> builder.node(node.port()));
    three = builder.start();
  }

  @AfterAll
  static void stop() {
    one.close();
    three.close();
    NODES.forEach(RealRedis::close);
  }

  private static String errorOf(Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  @Test
  void aDeclaredCommandGoesToTheNodeOfItsKeys() {
    try (RawClient client = three.connect()) {
      for (int i = 0; i < 30; i++) {
        assertEquals("OK", client.send("SET", "key:" + i, "old " + i));
        assertEquals("old " + i, client.send("MY.SWAP", "key:" + i, "new " + i));
        assertEquals("new " + i, client.send("GET", "key:" + i));
        assertEquals(5L + (i > 9 ? 1 : 0), client.send("JSON.STRLEN", "key:" + i));
      }
      assertEquals(1L, client.send("my.msetnx", "{t}a", "1", "{t}b", "2"));
      assertTrue(
          errorOf(client.send("my.msetnx", "a", "1", "b", "2", "c", "3")).startsWith("CROSS"));
      client.send("PFADD", "{t}p", "x");
      client.send("PFADD", "{t}q", "y");
      assertEquals(2L, client.send("My.Count", "{t}p", "{t}q"));
      assertInstanceOf(Long.class, client.send("my.nokeys"));
      assertEquals(
          "ERR wrong number of arguments for 'my.swap' command",
          errorOf(client.send("my.swap", "a")));
    }
  }

  @Test
  void whatIsNotDeclaredStaysUnknown() {
    try (TestProxy bare = TestProxy.of(NODES.get(0));
        RawClient client = bare.connect()) {
      assertTrue(errorOf(client.send("my.swap", "a", "b")).startsWith("ERR unknown command"));
    }
  }

  @Test
  void commandShowsWhatIsDeclared() {
    try (RawClient client = three.connect()) {
      List<?> info = assertInstanceOf(List.class, client.send("COMMAND", "INFO", "my.count"));
      List<?> row = assertInstanceOf(List.class, info.get(0));
      assertEquals(List.of("my.count", -2L), row.subList(0, 2));
      assertEquals(List.of("readonly", "module"), row.get(2));
      assertEquals(List.of(1L, -1L, 1L), row.subList(3, 6));
      assertEquals(
          List.of("my.swap", List.of("group", "module")),
          client.send("COMMAND", "DOCS", "MY.SWAP"));
      assertEquals(
          List.of("a", "b"), client.send("COMMAND", "GETKEYS", "my.msetnx", "a", "1", "b", "2"));
      List<?> all = assertInstanceOf(List.class, client.send("COMMAND"));
      assertEquals((long) all.size(), client.send("COMMAND", "COUNT"));
      assertTrue(all.stream().anyMatch(entry -> ((List<?>) entry).get(0).equals("my.nokeys")));
    }
  }

  @Test
  void whatAnswersForAllKeysNeedsOneNode() {
    try (RawClient client = one.connect()) {
      assertInstanceOf(Long.class, client.send("TS.QUERYINDEX"));
      assertEquals("OK", client.send("MULTI"));
      assertEquals("QUEUED", client.send("TS.QUERYINDEX"));
      assertInstanceOf(List.class, client.send("EXEC"));
    }
    try (RawClient client = three.connect()) {
      String error = errorOf(client.send("TS.QUERYINDEX"));
      assertTrue(error.startsWith("ERR TS.QUERYINDEX answers for all keys of a server"), error);
      assertTrue(
          errorOf(client.send("FT.SEARCH", "i", "*")).contains("needs a pool with one node"));
      assertEquals("OK", client.send("MULTI"));
      assertTrue(
          errorOf(client.send("FT.SEARCH", "i", "*")).contains("needs a pool with one node"));
      client.send("DISCARD");
      assertEquals("PONG", client.send("PING"));
    }
  }

  /** The nodes have no such module: their word on it, as without a proxy. */
  @Test
  void aNodeWithoutTheModuleSaysSo() {
    try (RawClient client = three.connect()) {
      assertTrue(errorOf(client.send("JSON.GET", "k")).startsWith("ERR unknown command"));
    }
  }
}
