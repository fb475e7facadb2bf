package io.cashew.proxy.client.answer;

import io.cashew.proxy.client.Session;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Redis's types of clients, by which {@code CLIENT LIST} and {@code CLIENT KILL} choose. */
enum ClientType {
  NORMAL,
  /** No client of a proxy is one. */
  MASTER,
  /** No client of a proxy is one. */
  REPLICA,
  PUBSUB;

  /** The type of this name, in any case; null if there is none. */
  static @Nullable ClientType named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "normal" -> NORMAL;
      case "master" -> MASTER;
      case "replica", "slave" -> REPLICA;
      case "pubsub" -> PUBSUB;
      default -> null;
    };
  }

  static ClientType of(Session session) {
    return session.subscribed() ? PUBSUB : NORMAL;
  }
}
