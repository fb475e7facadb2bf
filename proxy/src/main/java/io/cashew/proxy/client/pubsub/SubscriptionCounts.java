package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.command.GlobPattern;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the clients of a pool listen to, over all workers: a node counts a worker's connection once,
 * however many clients are behind it, and its counts are put right by this. Shared: each worker
 * writes its own part, when somebody subscribes or leaves, and all read.
 */
public final class SubscriptionCounts {
  private final List<Map<SubscriptionKind, ConcurrentHashMap<Subscription, Audience>>> parts =
      new ArrayList<>();

  /** Nobody listens. */
  public SubscriptionCounts(int workers) {
    for (int i = 0; i < workers; i++) {
      Map<SubscriptionKind, ConcurrentHashMap<Subscription, Audience>> part =
          new EnumMap<>(SubscriptionKind.class);
      for (SubscriptionKind kind : SubscriptionKind.values()) {
        part.put(kind, new ConcurrentHashMap<>());
      }
      parts.add(part);
    }
  }

  /** A new audience of a worker. */
  Audience add(int worker, Subscription subscription) {
    Audience audience = new Audience();
    of(worker, subscription.kind()).put(subscription, audience);
    return audience;
  }

  /** The worker no longer listens. */
  void remove(int worker, Subscription subscription) {
    of(worker, subscription.kind()).remove(subscription);
  }

  private ConcurrentHashMap<Subscription, Audience> of(int worker, SubscriptionKind kind) {
    ConcurrentHashMap<Subscription, Audience> audiences = parts.get(worker).get(kind);
    if (audiences == null) {
      throw new IllegalStateException("no subscriptions of kind " + kind);
    }
    return audiences;
  }

  /** Whether nobody listens to anything, so that the counts of nodes are right. */
  boolean isEmpty() {
    for (int worker = 0; worker < parts.size(); worker++) {
      if (!isEmpty(worker)) {
        return false;
      }
    }
    return true;
  }

  /** Whether no client of a worker listens, and no node counts one that has left. */
  boolean isEmpty(int worker) {
    for (ConcurrentHashMap<Subscription, Audience> kind : parts.get(worker).values()) {
      if (!kind.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** What is to be added to a node's count of those that listen to exactly this. */
  long uncounted(Subscription subscription, Node node) {
    long uncounted = 0;
    for (int worker = 0; worker < parts.size(); worker++) {
      Audience audience = of(worker, subscription.kind()).get(subscription);
      uncounted += audience == null ? 0 : audience.uncounted(node);
    }
    return uncounted;
  }

  /**
   * What is to be added to a node's count of those whom it has sent a message: a client gets it
   * once for the channel and once for each pattern that matches.
   */
  long uncountedReceivers(Subscription channel, Node node) {
    long uncounted = uncounted(channel, node);
    if (channel.kind() != SubscriptionKind.CHANNEL) {
      return uncounted;
    }
    ByteBuf name = Unpooled.wrappedBuffer(channel.name());
    for (int worker = 0; worker < parts.size(); worker++) {
      for (var pattern : of(worker, SubscriptionKind.PATTERN).entrySet()) {
        int more = pattern.getValue().uncounted(node);
        if (more != 0
            && new GlobPattern(pattern.getKey().name()).matches(name, 0, channel.name().length)) {
          uncounted += more;
        }
      }
    }
    return uncounted;
  }
}
