package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient.ErrorReply;
import org.junit.jupiter.api.Test;

final class RealClusterTest {
  private static String errorOf(RealRedis server, String... request) {
    try (RawClient client = server.connect()) {
      return assertInstanceOf(ErrorReply.class, client.send(request)).text();
    }
  }

  @Test
  void doesWhatAClusterDoes() {
    try (RealCluster cluster = RealCluster.start()) {
      RealRedis first = cluster.server(0);
      RealRedis second = cluster.server(1);
      String key = RealCluster.keyOf(7);
      assertEquals(7, RealCluster.slotOf(key + "x"));
      assertEquals(first, cluster.ownerOf(7, second));
      assertEquals("MOVED 7 " + first.address(), errorOf(second, "GET", key));

      try (RawClient client = first.connect()) {
        assertEquals("OK", client.send("SET", key, "v"));
        assertEquals("OK", client.send("SET", key + "x", "v"));
      }
      cluster.beginMove(7, first, second);
      assertTrue(cluster.moveKeys(first, second, key));
      assertEquals("ASK 7 " + second.address(), errorOf(first, "GET", key));
      assertEquals(1, cluster.moveKeys(7, first, second, 100));
      cluster.endMove(7, first, second);
      assertEquals("MOVED 7 " + second.address(), errorOf(first, "GET", key));

      cluster.failOver(cluster.server(3));
      assertEquals(cluster.server(3), cluster.ownerOf(8, second));
      RealRedis joined = cluster.join();
      cluster.move(9, cluster.server(3), joined);
      Await.until(
          "all know where the slot is",
          () -> cluster.servers().stream().allMatch(each -> joined == cluster.ownerOf(9, each)));
      assertEquals("MOVED 9 " + joined.address(), errorOf(second, "GET", RealCluster.keyOf(9)));
      cluster.move(9, joined, second);
      cluster.awaitWell();
      cluster.remove(joined);
      assertEquals(6, cluster.servers().size());
    }
  }
}
