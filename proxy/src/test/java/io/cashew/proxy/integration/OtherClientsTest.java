package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of other clients' connections only those decide who may. */
final class OtherClientsTest {
  private static final String REFUSED =
      " is about other clients and is refused by this proxy; its setting admin-commands ="
          + " all-nodes allows it, as do rules for this user in auth.users";
  private static RealRedis node;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    node = RealRedis.start();
    proxy = builder().start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    node.close();
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().node(node.port()).workers(2);
  }

  private static String field(RawClient client, String name) {
    String line = (String) client.send("CLIENT", "INFO");
    return line.replaceFirst("(?s).*\\b" + name + "=(\\S*).*", "$1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CLIENT KILL TYPE normal SKIPME no",
        "CLIENT KILL TYPE pubsub",
        "CLIENT KILL SKIPME no",
        "CLIENT KILL SKIPME yes",
        "CLIENT KILL ADDR $addr",
        "CLIENT KILL $addr",
        "CLIENT KILL LADDR $laddr",
        "CLIENT KILL ID $id",
        "CLIENT KILL ID 999999",
        "CLIENT KILL USER default",
        "CLIENT KILL MAXAGE 1",
        "CLIENT PAUSE 60000",
        "CLIENT PAUSE 60000 WRITE",
        "CLIENT UNPAUSE",
        "CLIENT UNBLOCK $id",
        "CLIENT UNBLOCK $id ERROR"
      })
  void nobodyDecidesAboutOthersUnlessToldThatItMay(String request) {
    try (RawClient victim = proxy.connect();
        RawClient other = proxy.connect()) {
      String[] words =
          request
              .replace("$addr", field(victim, "addr"))
              .replace("$laddr", field(victim, "laddr"))
              .replace("$id", field(victim, "id"))
              .split(" ");
      victim.write(RawClient.request("BLPOP", "q", "0"));
      try (RawClient direct = node.connect()) {
        Await.until(
            "it waits",
            () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:1"));
      }
      assertEquals(new ErrorReply("ERR " + words[0] + " " + words[1] + REFUSED), other.send(words));
      assertEquals(1L, other.send("RPUSH", "q", "v"));
      assertEquals(List.of("q", "v"), victim.read());
    }
  }

  @Test
  void ownConnectionsAreTheirClients() {
    try (RawClient client = proxy.connect()) {
      String id = field(client, "id");
      assertEquals(0L, client.send("CLIENT", "UNBLOCK", id));
      assertEquals(0L, client.send("CLIENT", "KILL", "ID", id));
      assertEquals(0L, client.send("CLIENT", "KILL", "ADDR", field(client, "addr")));
      assertEquals(1L, client.send("CLIENT", "KILL", "ID", id, "SKIPME", "no"));
      assertTrue(client.ends());
    }
    try (RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("CLIENT", "KILL", field(client, "addr")));
      assertTrue(client.ends());
    }
  }

  @Test
  void whoMayAdministerTheNodesMay() {
    try (TestProxy admin = builder().adminCommandsToAllNodes().start();
        RawClient victim = admin.connect();
        RawClient other = admin.connect()) {
      assertEquals("OK", other.send("CLIENT", "PAUSE", "1"));
      assertEquals("OK", other.send("CLIENT", "UNPAUSE"));
      assertEquals(1L, other.send("CLIENT", "KILL", "ID", field(victim, "id")));
      assertTrue(victim.ends());
    }
  }

  @Test
  void aUserWithTheRightMayAndOthersMayNot() {
    try (TestProxy users =
            builder()
                .user("operator", "on >o ~* +@all")
                .user("application", "on >a ~* +@all -@dangerous")
                .user("killer", "on >k +client|kill")
                .start();
        RawClient victim = users.connect();
        RawClient other = users.connect()) {
      String id = field(victim, "id");
      // Nobody has said what default may.
      assertEquals(new ErrorReply("ERR CLIENT KILL" + REFUSED), kill(other, id));
      assertEquals("OK", other.send("AUTH", "application", "a"));
      assertTrue(((ErrorReply) kill(other, id)).text().startsWith("NOPERM"));
      assertTrue(((ErrorReply) other.send("CLIENT", "PAUSE", "1")).text().startsWith("NOPERM"));
      assertEquals("OK", other.send("AUTH", "operator", "o"));
      assertEquals("OK", other.send("CLIENT", "PAUSE", "1"));
      assertEquals("OK", other.send("CLIENT", "UNPAUSE"));
      assertEquals("OK", other.send("AUTH", "killer", "k"));
      assertEquals(1L, kill(other, id));
      assertTrue(victim.ends());
    }
  }

  private static Object kill(RawClient client, String id) {
    Object reply = client.send("CLIENT", "KILL", "ID", id);
    return reply == null ? "nothing" : reply;
  }

  @Test
  void aPasswordOfAllIsNoRight() {
    try (TestProxy secret = builder().password("p").start();
        RawClient victim = secret.connect();
        RawClient other = secret.connect()) {
      victim.send("AUTH", "p");
      other.send("AUTH", "p");
      assertEquals(new ErrorReply("ERR CLIENT KILL" + REFUSED), kill(other, field(victim, "id")));
    }
  }
}
