package io.cashew.proxy.integration;

import io.cashew.proxy.testing.Allocated;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In the steady state a request that goes by routes allocates nothing on the heap. */
@Timeout(120)
final class RoutesAllocationTest {
  @TempDir private static Path directory;

  private static RealRedis one;
  private static RealRedis two;
  private static FileProxy proxy;
  private static int port;

  @BeforeAll
  static void start() {
    one = RealRedis.start();
    two = RealRedis.start();
    port = FreePorts.next();
    proxy =
        FileProxy.start(
            directory.resolve("cashew.conf"),
            """
            cashew {
              workers = 1
              admin.listen = off
              pools.front {
                listen = "127.0.0.1:%d"
                routes = [
                  { keys = "s?:*", pool = sessions }
                  { keys = "k*", pool = kept }
                  { keys = "*", pool = main }
                ]
                slowlog { slower-than = off, max-len = 0 }
              }
              pools.sessions { nodes = [ "%s a" ] }
              pools.main { nodes = [ "%s a" ] }
              pools.kept { nodes = [ "%s a" ], cache.rules = [ { match = "k:*", near = 1h } ] }
            }
            """
                .formatted(port, one.address(), two.address(), two.address()));
    try (RawClient client = new RawClient(port)) {
      client.send("MSET", "s1:01", "xxx", "key:1", "yyy", "k:001", "zzz");
      Await.until(
          () -> "it is kept",
          () -> {
            client.send("GET", "k:001");
            return proxy.metric("cashew_cache_hits_total{pool=\"kept\"") > 0;
          });
    }
  }

  @AfterAll
  static void stop() {
    proxy.close();
    one.close();
    two.close();
  }

  private static String get(String key) {
    return "*2\r\n$3\r\nGET\r\n$5\r\n" + key + "\r\n";
  }

  @Test
  void aRequestForOneKeyAllocatesNothing() throws IOException {
    Allocated.assertNothing(port, get("s1:01") + get("key:1"), "$3\r\nxxx\r\n$3\r\nyyy\r\n", 1);
  }

  @Test
  void whatMemoryAnswersAllocatesNothing() throws IOException {
    Allocated.assertNothing(port, get("k:001"), "$3\r\nzzz\r\n", 1);
  }

  @Test
  void aPipelineAllocatesNothing() throws IOException {
    Allocated.assertNothing(port, get("s1:01") + get("key:1"), "$3\r\nxxx\r\n$3\r\nyyy\r\n", 8);
  }

  @Test
  void aRequestForKeysOfBothPoolsAllocatesNothing() throws IOException {
    Allocated.assertNothing(
        port,
        "*3\r\n$4\r\nMGET\r\n$5\r\ns1:01\r\n$5\r\nkey:1\r\n",
        "*2\r\n$3\r\nxxx\r\n$3\r\nyyy\r\n",
        1);
  }
}
