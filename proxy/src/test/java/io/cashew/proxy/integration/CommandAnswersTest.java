package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** COMMAND and its subcommands, and HELP; where a Redis 7.0 is installed, as that answers. */
@ExtendWith(LeakCheck.class)
final class CommandAnswersTest {
  private static RealRedis redis;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    redis = RealRedis.start();
    proxy = TestProxy.of(redis);
  }

  @AfterAll
  static void stop() {
    proxy.close();
    redis.close();
  }

  /** Requests that a proxy answers as a server does, to the byte. */
  private static final List<String> SAME =
      List.of(
          "COMMAND GETKEYS MSET a 1 b 2",
          "COMMAND GETKEYSANDFLAGS set k v",
          "COMMAND GETKEYSANDFLAGS SET k v GeT EX 1",
          "COMMAND GETKEYSANDFLAGS bitfield k get u8 0",
          "COMMAND GETKEYSANDFLAGS bitfield k get u8 0 SET u8 0 1",
          "COMMAND GETKEYSANDFLAGS sort k by w get x store d",
          "COMMAND GETKEYSANDFLAGS LMOVE a b left right",
          "COMMAND GETKEYSANDFLAGS mset a 1 b 2",
          "COMMAND GETKEYSANDFLAGS zunionstore d 2 a b",
          "COMMAND GETKEYS eval x 0",
          "COMMAND GETKEYSANDFLAGS eval x 1 a",
          "COMMAND GETKEYSANDFLAGS xread streams a b 0 0",
          "COMMAND GETKEYSANDFLAGS georadius k 1 1 1 m store d",
          "COMMAND GETKEYSANDFLAGS xgroup create k g 0",
          "COMMAND GETKEYSANDFLAGS object encoding k",
          "COMMAND GETKEYSANDFLAGS migrate h 1 k 0 1",
          "COMMAND GETKEYSANDFLAGS publish a b",
          "COMMAND GETKEYSANDFLAGS client id",
          "COMMAND GETKEYSANDFLAGS nosuch a",
          "COMMAND GETKEYSANDFLAGS get a b",
          "COMMAND GETKEYSANDFLAGS zunion x a",
          "COMMAND GETKEYSANDFLAGS",
          "COMMAND GETKEYS ping x",
          "COMMAND GETKEYS ssubscribe x",
          "COMMAND LIST FILTERBY PATTERN GET",
          "COMMAND LIST filterby aclcat nope",
          "COMMAND LIST FILTERBY MODULE none",
          "COMMAND LIST FILTERBY nope x",
          "COMMAND LIST FILTERBY MODULE",
          "COMMAND LIST FILTERBY",
          "COMMAND LIST x y z",
          "COMMAND nosuch");

  private static String answers(RawClient client, boolean resp3) {
    ByteArrayOutputStream requests = new ByteArrayOutputStream();
    if (resp3) {
      requests.writeBytes(RawClient.request("HELLO", "3"));
      requests.writeBytes(RawClient.request("ECHO", "now"));
    }
    SAME.forEach(line -> requests.writeBytes(RawClient.request(line.split(" "))));
    requests.writeBytes(RawClient.request("QUIT"));
    client.write(requests.toByteArray());
    String all = client.readToEnd();
    return resp3 ? all.substring(all.indexOf("now")) : all;
  }

  private static Optional<RealRedis> seven() {
    return RealRedis.startInstalled()
        .filter(
            installed -> {
              try (RawClient client = installed.connect()) {
                boolean right =
                    String.valueOf(client.send("INFO", "server")).contains("redis_version:7.0.");
                if (!right) {
                  installed.close();
                }
                return right;
              }
            });
  }

  @Test
  void answersAreThoseOfRedisSeven() {
    seven()
        .ifPresent(
            server -> {
              try (server) {
                try (TestProxy before = TestProxy.of(server)) {
                  for (boolean resp3 : new boolean[] {false, true}) {
                    try (RawClient direct = server.connect();
                        RawClient client = before.connect()) {
                      assertEquals(answers(direct, resp3), answers(client, resp3));
                    }
                  }
                  assertListsAreThoseOf(server, before);
                }
              }
            });
  }

  /** Redis gives its commands in no order, and does not know those of the proxy. */
  private static void assertListsAreThoseOf(RealRedis server, TestProxy before) {
    try (RawClient direct = server.connect();
        RawClient client = before.connect()) {
      Set<String> known = names(direct, "COMMAND", "LIST");
      for (String filter :
          List.of(
              "PATTERN xgr*",
              "PATTERN client|[ik]*",
              "PATTERN s?t",
              "PATTERN *",
              "ACLCAT SCRIPTING",
              "ACLCAT dangerous",
              "ACLCAT geo",
              "ACLCAT transaction")) {
        String[] request = ("COMMAND LIST FILTERBY " + filter).split(" ");
        Set<String> ours = names(client, request);
        ours.retainAll(known);
        assertEquals(names(direct, request), ours, filter);
      }
    }
  }

  private static Set<String> names(RawClient client, String... request) {
    Set<String> names = new TreeSet<>();
    for (Object name : assertInstanceOf(List.class, client.send(request))) {
      names.add(String.valueOf(name));
    }
    names.remove("module|loadex"); // 7.0 has no categories for it
    return names;
  }

  @Test
  void listsAreFiltered() {
    try (RawClient client = proxy.connect()) {
      assertEquals(List.of("get"), client.send("COMMAND", "LIST", "FILTERBY", "PATTERN", "GET"));
      assertEquals(Set.of(), names(client, "COMMAND LIST FILTERBY MODULE ReJSON".split(" ")));
      assertEquals(
          List.of(List.of("k", List.of("OW", "update"))),
          client.send("COMMAND", "GETKEYSANDFLAGS", "SET", "k", "v"));
    }
  }

  @Test
  void helpNamesWhatTheProxyAnswers() {
    try (RawClient client = proxy.connect()) {
      List<?> help = assertInstanceOf(List.class, client.send("CLIENT", "HELP"));
      assertEquals("CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", help.get(0));
      assertTrue(help.contains("SETNAME"), help::toString);
      assertEquals(
          List.of("HELP", "    Print this help."), help.subList(help.size() - 2, help.size()));
      for (Object line : help.subList(1, help.size())) {
        String text = String.valueOf(line);
        if (!text.startsWith(" ") && !text.equals("HELP")) {
          Object reply = client.send("CLIENT", text, "x", "x", "x");
          boolean refused =
              reply instanceof ErrorReply error && error.text().contains("through this proxy");
          assertFalse(refused, text);
        }
      }
      assertTrue(
          assertInstanceOf(List.class, client.send("COMMAND", "HELP")).contains("GETKEYSANDFLAGS"));
      assertInstanceOf(List.class, client.send("ACL", "HELP"));
      assertInstanceOf(List.class, client.send("XGROUP", "HELP"));
    }
  }
}
