package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A filter of the keys of a node whose messages never come. */
@ExtendWith(LeakCheck.class)
final class GuardWithoutMessagesTest {
  private static String reply(MisbehavingNode node, List<String> request) {
    return switch (request.get(0).toUpperCase(Locale.ROOT)) {
      case "DBSIZE" -> ":0\r\n";
      case "SCAN" -> "*2\r\n$1\r\n0\r\n*0\r\n";
      default -> node.honestReply(request);
    };
  }

  private static String text(@Nullable Object reply) {
    return String.valueOf(reply);
  }

  private static boolean isComplete(FileProxy proxy, RawClient client, int round) {
    double before = proxy.metric("cashew_cache_guarded_total");
    client.send("GET", "page:none:" + round);
    return proxy.metric("cashew_cache_guarded_total") > before;
  }

  @Test
  void whatClientsOfThisProcessWriteIsKnownWithoutThem(@TempDir Path directory) {
    int port = FreePorts.next();
    String file =
        """
        cashew.workers = 2
        cashew.clients-together = 1
        cashew.admin.listen = off
        cashew.pools.p {
          listen = "127.0.0.1:%d"
          nodes = [ "127.0.0.1:%d a" ]
          cache.rules = [ { match = "page:*", guard = existing } ]
        }
        """;
    try (MisbehavingNode node = MisbehavingNode.start()) {
      node.behave((connection, request) -> connection.reply(reply(node, request)));
      try (FileProxy proxy =
              FileProxy.start(directory.resolve("cashew.conf"), file.formatted(port, node.port()));
          RawClient writer = new RawClient(port);
          RawClient reader = new RawClient(port)) {
        int[] round = new int[1];
        Await.until("it is complete", () -> isComplete(proxy, reader, round[0]++));
        writer.send("SET", "page:1", "v");
        assertEquals("v", text(reader.send("GET", "page:1")));
        String large = "v".repeat(300_000);
        writer.send("SET", "page:2", large);
        assertEquals(large, text(reader.send("GET", "page:2")));
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(RawClient.request("SET", "page:3", "v"));
        both.writeBytes(RawClient.request("GET", "page:3"));
        writer.write(both.toByteArray());
        assertEquals("OK", text(writer.read()));
        assertEquals("v", text(writer.read()));
      }
    }
  }

  @Test
  void whatOneClientHasSeenExistsForTheNext(@TempDir Path directory) {
    int port = FreePorts.next();
    String file =
        """
        cashew.workers = 1
        cashew.admin.listen = off
        cashew.pools.p {
          listen = "127.0.0.1:%d"
          nodes = [ "127.0.0.1:%d a" ]
          cache.rules = [ { match = "page:*", guard = existing } ]
        }
        """;
    try (MisbehavingNode node = MisbehavingNode.start()) {
      node.behave((connection, request) -> connection.reply(reply(node, request)));
      try (FileProxy proxy =
              FileProxy.start(directory.resolve("cashew.conf"), file.formatted(port, node.port()));
          RawClient client = new RawClient(port)) {
        int[] round = new int[1];
        Await.until("it is complete", () -> isComplete(proxy, client, round[0]++));
        node.put("page:1", "v"); // by somebody else, and the node says nothing of it
        assertEquals("null", text(client.send("GET", "page:1")));
        client.send("TYPE", "page:1"); // which the node answers
        assertEquals("v", text(client.send("GET", "page:1")));
      }
    }
  }
}
