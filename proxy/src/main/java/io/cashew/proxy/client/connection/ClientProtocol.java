package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.Client;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** What the clients of a pool on one worker speak: takes their requests. Confined to the worker. */
public interface ClientProtocol {
  /** Takes those of one client. */
  Intake intake(Intake.Owner owner, ConnectedClient client, Gate gate, Channel channel);

  /** The pool has other settings or users. */
  void settingsChanged();

  /** A client has left. */
  void left(Client client);

  /** The pool has this near cache from now on; null: none. */
  default void keeps(@Nullable NearCache cache) {}

  /** Keys may be elsewhere. */
  default void routesChanged() {}

  /** Some time has passed. */
  void onTick(long tickMillis);

  /** Nodes may have other servers. */
  void topologyChanged();

  /** The pool ends. */
  default void close() {}
}
