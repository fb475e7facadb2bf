package io.cashew.proxy.integration;

import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.testing.Allocated;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In the steady state a request of a memcached pool allocates nothing on the heap. */
@Timeout(180)
final class MemcachedAllocationTest {
  private static final List<RealMemcached> NODES = new ArrayList<>();
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    InsightSettings insight =
        InsightSettings.DEFAULT
            .with(InsightSettings.SLOWER_THAN, InsightSettings.OFF)
            .with(InsightSettings.SLOW_LOG_MAX, 0);
    TestProxy.Builder builder =
        new TestProxy.Builder()
            .with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED)
            .with(CacheSettings.RULES, List.of(Rules.near("near*", 3_600_000, 3_600_000)))
            .insight(insight);
    for (int i = 0; i < 3; i++) {
      RealMemcached node = RealMemcached.start();
      NODES.add(node);
      builder.node(node.port());
    }
    proxy = builder.start();
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < 10; i++) {
        client.write(
            text("set k" + i + " 0 0 3\\r\\nxxx\\r\\n").getBytes(StandardCharsets.US_ASCII));
        client.readUntil("STORED\r\n");
        client.write(
            text("set near" + i + " 0 0 3\\r\\nxxx\\r\\n").getBytes(StandardCharsets.US_ASCII));
        client.readUntil("STORED\r\n");
      }
    }
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      proxy.close();
    }
    NODES.forEach(RealMemcached::close);
  }

  private static String text(String shown) {
    return shown.replace("\\r\\n", "\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "get k1\\r\\n, VALUE k1 0 3\\r\\nxxx\\r\\nEND\\r\\n",
    "get none\\r\\n, END\\r\\n",
    "get near1\\r\\n, VALUE near1 0 3\\r\\nxxx\\r\\nEND\\r\\n",
    "get nearnone\\r\\n, END\\r\\n",
    "set k1 0 0 3\\r\\nxxx\\r\\n, STORED\\r\\n",
    "set k1 0 0 3 noreply\\r\\nxxx\\r\\nmn\\r\\n, MN\\r\\n",
    "mg k1 v k\\r\\n, VA 3 kk1\\r\\nxxx\\r\\n",
    "mg none v q\\r\\nmn\\r\\n, MN\\r\\n",
    "get none k1 none\\r\\n, VALUE k1 0 3\\r\\nxxx\\r\\nEND\\r\\n"
  })
  void aRequestAllocatesNothing(String request, String reply) throws IOException {
    Allocated.assertNothing(proxy.port(), text(request), text(reply), 1);
    Allocated.assertNothing(proxy.port(), text(request), text(reply), 16);
  }
}
