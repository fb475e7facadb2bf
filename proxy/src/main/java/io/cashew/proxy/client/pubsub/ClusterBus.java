package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.resp.ReplyReader;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker listens in a Cluster, whose servers pass on to each other what is published: at
 * one of them, so that each message comes once. It stays the same while it is there and can be
 * reached. Only what servers tell of changes of their own keys is passed on to nobody. Confined to
 * the worker.
 */
final class ClusterBus {
  private static final List<byte[]> KEYSPACE =
      List.of(
          "__keyspace@".getBytes(StandardCharsets.US_ASCII),
          "__keyevent@".getBytes(StandardCharsets.US_ASCII));

  private final Router router;
  private final String pool;
  private @Nullable Backend at;

  /** That of the Cluster of a pool. */
  ClusterBus(Router router, String pool) {
    this.router = router;
    this.pool = pool;
  }

  /** The node that is listened to; null: none of its servers is the pool's any more. */
  @Nullable Backend node() {
    Backend known = at;
    if (known == null || !router.backends().contains(known)) {
      List<Backend> nodes = nodes();
      at = known = nodes.isEmpty() ? known : best(nodes);
    }
    return known;
  }

  /** Of two pools that are one Cluster, one has it all. */
  private List<Backend> nodes() {
    return router.readers().stream().filter(each -> each.node().pool().equals(pool)).toList();
  }

  /** The node that will be listened to when these are the nodes. */
  Backend nodeAmong(List<Backend> soon) {
    Backend known = at;
    return known != null && soon.contains(known) ? known : best(soon);
  }

  /** The first that can be reached. */
  private static Backend best(List<Backend> nodes) {
    return nodes.stream()
        .filter(node -> !node.node().circuitOpen())
        .findFirst()
        .orElseGet(() -> nodes.get(0));
  }

  /** Chooses another if the node cannot be reached. @return whether it is another */
  boolean leavesWhoIsLost() {
    Backend known = at;
    if (known == null || !known.node().circuitOpen()) {
      return false;
    }
    List<Backend> nodes = nodes();
    Backend other = nodes.isEmpty() ? known : best(nodes);
    if (other.node().circuitOpen()) {
      return false;
    }
    at = other;
    return true;
  }

  /** Whether what is listened to may be what a server tells of changes of its own keys. */
  static boolean mayBeOfKeyspace(Subscription subscription) {
    byte[] name = subscription.name();
    return switch (subscription.kind()) {
      case CHANNEL -> KEYSPACE.stream().anyMatch(prefix -> startsWith(name, prefix));
      case PATTERN -> KEYSPACE.stream().anyMatch(prefix -> mayMatch(name, prefix));
      case SHARD_CHANNEL -> false;
    };
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= name.length || name[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether a pattern may match what begins so; it may be said of more than do. */
  private static boolean mayMatch(byte[] pattern, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= pattern.length) {
        return false;
      }
      byte b = pattern[i];
      if (b == '*' || b == '[' || b == '\\') {
        return true;
      }
      if (b != '?' && b != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether a message tells of changes of a server's own keys. */
  static boolean isOfKeyspace(Subscription subscription, ByteBuf buf, int index, int length) {
    if (subscription.kind() != SubscriptionKind.PATTERN) {
      return mayBeOfKeyspace(subscription);
    }
    ReplyReader reader = new ReplyReader(buf, index, length); // pmessage, pattern, channel, text
    reader.array();
    reader.bulk();
    reader.bulk();
    byte[] channel = reader.bulkBytes();
    return KEYSPACE.stream().anyMatch(prefix -> startsWith(channel, prefix));
  }
}
