package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.spotify.folsom.AsciiMemcacheClient;
import com.spotify.folsom.ConnectFuture;
import com.spotify.folsom.GetResult;
import com.spotify.folsom.MemcacheClientBuilder;
import com.spotify.folsom.MemcacheStatus;
import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.TestProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.rubyeye.xmemcached.GetsResponse;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.XMemcachedClient;
import net.spy.memcached.BinaryConnectionFactory;
import net.spy.memcached.CASValue;
import net.spy.memcached.FailureMode;
import net.spy.memcached.internal.OperationFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of memcached, as they are by default, against three real servers behind the proxy. */
@Timeout(120)
final class MemcachedClientsTest {
  private static final int KEYS = 60;

  private final List<RealMemcached> nodes = new ArrayList<>();
  private TestProxy proxy;

  @BeforeEach
  void start() {
    TestProxy.Builder builder =
        new TestProxy.Builder().with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED).workers(2);
    for (int i = 0; i < 3; i++) {
      RealMemcached node = RealMemcached.start();
      nodes.add(node);
      builder.node(node.port());
    }
    proxy = builder.start();
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    nodes.forEach(RealMemcached::close);
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port());
  }

  private static Map<String, String> values() {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      values.put("key:" + i, "value " + i);
    }
    return values;
  }

  @Test
  void spymemcached() throws Exception {
    net.spy.memcached.MemcachedClient client = new net.spy.memcached.MemcachedClient(address());
    try {
      for (Map.Entry<String, String> each : values().entrySet()) {
        assertTrue(client.set(each.getKey(), 0, each.getValue()).get());
      }
      Map<String, Object> all = client.getBulk(values().keySet());
      assertEquals(values(), all);
      assertNull(client.get("missing"));
      assertFalse(client.add("key:1", 0, "other").get());
      CASValue<Object> known = client.gets("key:1");
      assertEquals("value 1", known.getValue());
      client.cas("key:1", known.getCas(), "newer");
      assertEquals("newer", client.get("key:1"));
      assertEquals(7, client.incr("counter", 3, 7));
      assertEquals(10, client.incr("counter", 3));
      assertTrue(client.touch("key:2", 1000).get());
      assertTrue(client.delete("key:1").get());
      client.set("large", 0, "0123456789".repeat(100_000)).get(); // compressed by the client
      assertEquals(1_000_000, String.valueOf(client.get("large")).length());
      assertEquals(1, client.getVersions().size());
      assertTrue(client.getStats().values().iterator().next().containsKey("n2/curr_items"));
      assertTrue(client.flush().get());
      assertTrue(client.getBulk(values().keySet()).isEmpty());
    } finally {
      client.shutdown();
    }
  }

  @Test
  void xmemcached() throws Exception {
    MemcachedClient client = new XMemcachedClient(address());
    try {
      for (Map.Entry<String, String> each : values().entrySet()) {
        assertTrue(client.set(each.getKey(), 0, each.getValue()));
      }
      assertEquals(values(), client.get(values().keySet()));
      client.setWithNoReply("quiet", 0, "yes");
      assertEquals("yes", client.get("quiet"));
      GetsResponse<String> known = client.gets("key:5");
      assertTrue(client.cas("key:5", 0, "newer", known.getCas()));
      assertEquals("newer", client.get("key:5"));
      assertEquals(5, client.incr("counter", 1, 5));
      assertTrue(client.append("key:6", "!"));
      assertTrue(client.touch("key:6", 100));
      assertTrue(client.delete("key:5"));
      client.deleteWithNoReply("key:6");
      assertNull(client.get("key:6"));
      client.flushAll();
      assertNull(client.get("key:7"));
    } finally {
      client.shutdown();
    }
  }

  @Test
  void folsom() throws Exception {
    AsciiMemcacheClient<String> client =
        MemcacheClientBuilder.newStringClient()
            .withAddress("127.0.0.1", proxy.port())
            .connectAscii();
    ConnectFuture.connectFuture(client).toCompletableFuture().get(10, TimeUnit.SECONDS);
    try {
      for (Map.Entry<String, String> each : values().entrySet()) {
        assertEquals(
            MemcacheStatus.OK,
            Await.result(client.set(each.getKey(), each.getValue(), 0).toCompletableFuture()));
      }
      List<String> keys = List.copyOf(values().keySet());
      List<String> found = Await.result(client.get(keys).toCompletableFuture());
      for (int i = 0; i < keys.size(); i++) {
        assertEquals(values().get(keys.get(i)), found.get(i));
      }
      GetResult<String> known = Await.result(client.casGet("key:1").toCompletableFuture());
      assertEquals(
          MemcacheStatus.OK,
          Await.result(client.set("key:1", "newer", 0, known.getCas()).toCompletableFuture()));
      assertEquals("newer", Await.result(client.get("key:1").toCompletableFuture()));
      assertEquals(MemcacheStatus.OK, Await.result(client.delete("key:1").toCompletableFuture()));
      assertNull(Await.result(client.get("key:1").toCompletableFuture()));
      assertEquals(MemcacheStatus.OK, Await.result(client.flushAll(0).toCompletableFuture()));
    } finally {
      client.shutdown();
    }
  }

  @Test
  void aBinaryClientIsRefused() throws Exception {
    BinaryConnectionFactory neverAgain =
        new BinaryConnectionFactory() {
          @Override
          public FailureMode getFailureMode() {
            return FailureMode.Cancel; // by default it asks again until its time is over
          }
        };
    net.spy.memcached.MemcachedClient client =
        new net.spy.memcached.MemcachedClient(neverAgain, List.of(address()));
    try {
      OperationFuture<Boolean> stored = client.set("a", 0, "b");
      assertFalse(isTrue(stored));
      assertFalse(stored.getStatus().isSuccess());
    } finally {
      client.shutdown(1, TimeUnit.SECONDS);
    }
  }

  /** The client may see the refusal, or only that the connection has ended. */
  private static boolean isTrue(OperationFuture<Boolean> stored)
      throws InterruptedException, TimeoutException {
    try {
      return stored.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | CancellationException ended) {
      return false;
    }
  }
}
