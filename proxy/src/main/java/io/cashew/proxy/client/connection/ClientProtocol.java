package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.Client;
import io.netty.channel.Channel;
import java.util.List;
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

  /**
   * The keys of its requests belong to these pools, whose rules hold for them from now on.
   *
   * @param pools what their clients speak, which is the same, in the order of the routes' pools; to
   *     be said again whenever these have other rules
   */
  default void leadsTo(List<ClientProtocol> pools) {}

  /** Keys may be elsewhere. */
  default void routesChanged() {}

  /** Some time has passed. */
  void onTick(long tickMillis);

  /** Nodes may have other servers. */
  void topologyChanged();

  /** The pool ends. */
  default void close() {}
}
