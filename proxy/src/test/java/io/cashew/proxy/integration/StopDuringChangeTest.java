package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.ReloadResult.Outcome;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that stops while a change of its configuration has not come to its end. */
@Timeout(60)
final class StopDuringChangeTest {
  private final int port = FreePorts.next();

  @TempDir private Path directory;

  private String config(MisbehavingNode node) {
    return """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false, drain-timeout = 10m
        pools.p { listen = "127.0.0.1:%d", hash = murmur, timeout = 10m
          nodes = ["127.0.0.1:%d:1 n"] } }
        """
        .formatted(port, node.port());
  }

  /** Leaves a request behind that its node never answers. */
  private void askInVain(MisbehavingNode node) {
    node.behave(MisbehavingNode.SILENT);
    try (RawClient client = new RawClient(port)) {
      client.write(RawClient.request("GET", "k"));
      Await.until("the node has the request", () -> node.count("GET") > 0);
      client.reset(); // one that only ended its half would be waited for
    }
  }

  @Test
  void connectionsToARetiredNodeAreClosedWithTheProxy() {
    try (MisbehavingNode old = MisbehavingNode.start();
        MisbehavingNode next = MisbehavingNode.start()) {
      try (FileProxy proxy = FileProxy.start(directory.resolve("c.conf"), config(old))) {
        askInVain(old);
        proxy.take(config(next));
        assertTrue(old.connections() > 0, "what is under way is waited for");
      }
      Await.until("nothing of the proxy is left at the old node", () -> old.connections() == 0);
      Await.until("nor at the new one", () -> next.connections() == 0);
    }
  }

  @Test
  void aReloadThatWaitsForTheFormerOneIsRefusedWhenTheProxyStops() {
    try (MisbehavingNode old = MisbehavingNode.start();
        MisbehavingNode next = MisbehavingNode.start()) {
      Path file = directory.resolve("c.conf");
      FileProxy proxy = FileProxy.start(file, config(old));
      CompletableFuture<ReloadResult> second;
      try (proxy) {
        askInVain(old);
        proxy.take(config(next));
        FileProxy.write(file, config(old));
        second = proxy.reloader().reload("test").toCompletableFuture();
      }
      ReloadResult result = Await.result(second);
      assertEquals(Outcome.REFUSED, result.outcome());
      assertTrue(result.text().contains("the proxy is stopping"), result.text());
      Await.until(
          "nothing of the proxy is left", () -> old.connections() + next.connections() == 0);
    }
  }
}
