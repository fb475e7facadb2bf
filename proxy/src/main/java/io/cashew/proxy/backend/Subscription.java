package io.cashew.proxy.backend;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A channel, a pattern or a shard channel, by its bytes. Immutable, a key of maps. */
public final class Subscription {
  private final SubscriptionKind kind;
  private final byte[] name;
  private final int hash;

  /** Takes ownership of {@code name}. */
  public Subscription(SubscriptionKind kind, byte[] name) {
    this.kind = kind;
    this.name = name;
    hash = 31 * Arrays.hashCode(name) + kind.hashCode();
  }

  /** What is listened to. */
  public SubscriptionKind kind() {
    return kind;
  }

  /** Its name: not to be changed. */
  public byte[] name() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Subscription that
        && kind == that.kind
        && Arrays.equals(name, that.name);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return kind + " " + new String(name, StandardCharsets.UTF_8);
  }
}
