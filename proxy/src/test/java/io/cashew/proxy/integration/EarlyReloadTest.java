package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.Inherited;
import io.cashew.proxy.control.NameLookup;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.ReloadResult.Outcome;
import io.cashew.proxy.control.Reloader;
import io.cashew.proxy.control.Sources;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.TestProxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reload of a proxy that does not serve yet, and one that ends with an error of the machine. */
@Timeout(60)
final class EarlyReloadTest {
  private final MetricsRegistry metrics = new MetricsRegistry(new Build("test", "test", "test"));
  private final int port = FreePorts.next();
  private final int otherPort = FreePorts.next();

  @TempDir private Path directory;
  private Path file;
  private Proxy proxy;

  @BeforeEach
  void open() throws Exception {
    file = directory.resolve("cashew.conf");
    FileProxy.write(file, pools("p", port));
    proxy =
        Proxy.open(
            ConfigFile.read(file),
            TestProxy.bestSockets(),
            metrics,
            "0.0.0-test",
            NameLookup.OF_THIS_MACHINE,
            Sources.CONFIGURED,
            Inherited.NOTHING);
  }

  @AfterEach
  void close() {
    proxy.close();
    metrics.close();
  }

  private static String pools(String name, int at) {
    return """
        cashew { workers = 1, admin.listen = off, reload.watch-file = false
        pools.%s { listen = "127.0.0.1:%d", nodes = ["127.0.0.1:1 n"] } }
        """
        .formatted(name, at);
  }

  private Reloader reloader(Consumer<Settings> installed) {
    return new Reloader(proxy, file, metrics, installed);
  }

  private CompletableFuture<ReloadResult> reload(Reloader reloader) {
    FileProxy.write(file, pools("other", otherPort));
    return reloader.reload("test").toCompletableFuture();
  }

  private static void awaitThatItWaits() {
    Await.until(
        "the reload waits for the proxy",
        () ->
            Thread.getAllStackTraces().entrySet().stream()
                .anyMatch(
                    each ->
                        each.getKey().getName().startsWith("reload")
                            && Stream.of(each.getValue())
                                .anyMatch(frame -> frame.getMethodName().equals("awaitBegin"))));
  }

  @Test
  void itWaitsUntilTheProxyServes() {
    try (Reloader reloader = reloader(settings -> {})) {
      CompletableFuture<ReloadResult> result = reload(reloader);
      awaitThatItWaits();
      assertFalse(result.isDone());
      proxy.serve();
      ReloadResult done = Await.result(result);
      assertEquals(Outcome.DONE, done.outcome(), done::text);
      try (RawClient client = new RawClient(otherPort)) {
        assertEquals("PONG", client.send("PING"));
      }
    }
  }

  @Test
  void itIsRefusedIfTheProxyStopsBefore() {
    Reloader reloader = reloader(settings -> {});
    CompletableFuture<ReloadResult> result = reload(reloader);
    awaitThatItWaits();
    proxy.close();
    assertEquals(new ReloadResult(Outcome.REFUSED, "the proxy is stopping"), Await.result(result));
    reloader.close();
  }

  @Test
  void whoHasAskedHearsOfAnErrorOfTheMachineAndTheNextReloadIsCarriedOut() {
    Error error = new StackOverflowError("made up");
    Error[] next = {error};
    proxy.serve();
    try (Reloader reloader =
        reloader(
            settings -> {
              Error now = next[0];
              next[0] = null;
              if (now != null) {
                throw now;
              }
            })) {
      CompletableFuture<ReloadResult> failed = reload(reloader);
      assertSame(error, assertThrows(AssertionError.class, () -> Await.result(failed)).getCause());
      FileProxy.write(file, pools("p", port));
      ReloadResult done = Await.result(reloader.reload("test").toCompletableFuture());
      assertEquals(Outcome.DONE, done.outcome(), done::text);
    }
  }
}
