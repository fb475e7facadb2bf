package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Corpus;
import io.cashew.proxy.testing.Corpus.Row;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A node that says what is no reply: its client gets an error and never the bytes, nobody's replies
 * are shifted, and the node can be used at once.
 */
@ExtendWith(LeakCheck.class)
final class MalformedRepliesTest {
  private static final Keys KEYS = Keys.over(2);
  private static final String KEY = KEYS.on(0);
  private static final String OTHER_KEY = KEYS.on(1);
  private static final int CLIENTS = 5;
  private static final int REQUESTS = 100;

  private final MisbehavingNode node = MisbehavingNode.start();
  private final MisbehavingNode other = MisbehavingNode.start();

  static List<Row> replies() {
    return Corpus.replies();
  }

  private TestProxy proxyFor(Row row) {
    return new TestProxy.Builder()
        .node(node.port())
        .node(other.port())
        .timeoutMillis(row.tag().equals("bad") ? 10_000 : 300)
        .failureLimit(1000)
        .start();
  }

  @AfterEach
  void stop() {
    node.close();
    other.close();
  }

  @Test
  void theCorpusHasAsManyAsTheCatalogue() {
    assertTrue(replies().size() >= 31, "replies: " + replies().size());
  }

  @ParameterizedTest
  @MethodSource("replies")
  void isAnErrorAndTheNodeIsUsableAtOnce(Row row) {
    node.put(KEY, "value of n0");
    other.put(OTHER_KEY, "value of n1");
    try (TestProxy proxy = proxyFor(row);
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      for (String[] request :
          new String[][] {{"GET", KEY}, {"MGET", KEY, OTHER_KEY}, {"DEL", "a", KEY, "b"}}) {
        node.behave((connection, any) -> connection.reply(row.text()));
        Object reply = client.send(request);
        String error = assertInstanceOf(ErrorReply.class, reply).text();
        assertTrue(error.startsWith("ERR Invalid reply") || error.contains("timed out"), error);
        node.recover();
        assertEquals("value of n0", client.send("GET", KEY));
        assertEquals("value of n0", bystander.send("GET", KEY));
        assertEquals("value of n1", bystander.send("GET", OTHER_KEY));
      }
      assertEquals(0, proxy.node("n0", "circuit_openings_total"));
      assertEquals(0, proxy.failures("n1"));
    }
  }

  /** Well-formed replies that are too few are the same as one that is too short. */
  @ParameterizedTest
  @MethodSource("replies")
  void noReplyBehindItIsGivenToAnother(Row row) {
    List<String> keys = KEYS.on(0, REQUESTS);
    List<RawClient> clients = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    try (TestProxy proxy = proxyFor(row)) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(proxy.connect());
      }
      node.behave(
          (connection, request) -> {
            asked.add(request.get(1)); // all come on one connection
            if (asked.size() == REQUESTS) {
              StringBuilder replies = new StringBuilder();
              for (int i = 0; i < REQUESTS; i++) {
                if (i == 40) {
                  replies.append(row.text());
                  if (row.tag().equals("short")) {
                    break;
                  }
                }
                replies.append(MisbehavingNode.bulk("value of " + asked.get(i)));
              }
              connection.reply(replies.toString());
            }
          });
      for (int i = 0; i < REQUESTS; i++) {
        clients.get(i % CLIENTS).write(RawClient.request("GET", keys.get(i)));
      }
      int right = 0;
      for (int i = 0; i < REQUESTS; i++) {
        Object reply = clients.get(i % CLIENTS).read();
        if (!(reply instanceof ErrorReply)) {
          assertEquals("value of " + keys.get(i), reply);
          right++;
        }
      }
      assertEquals(40, right);
      clients.forEach(client -> assertEquals("PONG", client.send("PING")));
      Await.until("nothing is owed", () -> proxy.node("n0", "requests_in_flight") == 0);
      clients.forEach(RawClient::close); // or the proxy would drain them
    }
  }
}
