package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one client listens to. Confined to its worker. */
final class ClientSubscriptions {
  private final Map<SubscriptionKind, Map<Subscription, Topic>> topics =
      new EnumMap<>(SubscriptionKind.class);

  /** The command that is being carried out. */
  @Nullable SubscriptionRequest pending;

  ClientSubscriptions() {
    for (SubscriptionKind kind : SubscriptionKind.values()) {
      topics.put(kind, new LinkedHashMap<>());
    }
  }

  private Map<Subscription, Topic> of(SubscriptionKind kind) {
    Map<Subscription, Topic> ofKind = topics.get(kind);
    if (ofKind == null) {
      throw new IllegalStateException("no subscriptions of kind " + kind);
    }
    return ofKind;
  }

  boolean has(Subscription subscription) {
    return of(subscription.kind()).containsKey(subscription);
  }

  void add(Topic topic) {
    of(topic.subscription.kind()).put(topic.subscription, topic);
  }

  /** The topic that was listened to; null if it was not. */
  @Nullable Topic remove(Subscription subscription) {
    return of(subscription.kind()).remove(subscription);
  }

  List<Subscription> all(SubscriptionKind kind) {
    return List.copyOf(of(kind).keySet());
  }

  List<Topic> all() {
    return topics.values().stream().map(Map::values).flatMap(Collection::stream).toList();
  }

  int count(SubscriptionKind kind) {
    return of(kind).size();
  }

  /** The count that a confirmation tells: Redis counts channels and patterns together. */
  int told(SubscriptionKind kind) {
    return kind == SubscriptionKind.SHARD_CHANNEL
        ? count(kind)
        : count(SubscriptionKind.CHANNEL) + count(SubscriptionKind.PATTERN);
  }
}
