package io.cashew.proxy.control;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.route.ReadPreference;
import io.cashew.proxy.topology.Traits;
import org.jspecify.annotations.Nullable;

/**
 * What a worker takes over of other settings of a pool, besides the topology. Immutable.
 *
 * @param commands null: they are the same
 * @param users null: they are the same
 * @param clients limits and time-outs of clients
 * @param backends limits and time-outs of connections to nodes
 * @param replicas those of connections to replicas
 * @param reads which servers are read from
 * @param cache what is kept of values; null: nothing
 */
record SettingsChange(
    @Nullable CommandTable commands,
    @Nullable Users users,
    ClientSettings clients,
    BackendSettings backends,
    BackendSettings replicas,
    ReadPreference reads,
    @Nullable NearCache cache) {

  static SettingsChange of(
      PoolSettings before, PoolSettings next, Traits traits, @Nullable NearCache cache) {
    boolean otherCommands = !before.commands().declared().equals(next.commands().declared());
    boolean otherUsers =
        otherCommands
            || !before.auth().users().equals(next.auth().users())
            || !before.auth().password().equals(next.auth().password());
    return new SettingsChange(
        otherCommands ? next.commandTable() : null,
        otherUsers ? next.rights() : null,
        LayerSettings.ofClients(next),
        LayerSettings.ofBackends(next),
        LayerSettings.ofReplicas(next, traits),
        LayerSettings.reads(next),
        cache);
  }

  /** Gives them to the clients of a worker, on its thread. */
  void giveTo(ClientPool pool) {
    if (commands != null) {
      pool.install(commands);
    }
    if (users != null) {
      pool.install(users);
    }
    pool.install(clients);
    pool.keeps(cache);
  }
}
