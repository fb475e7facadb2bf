package io.cashew.proxy.control;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.PoolSettings;
import org.jspecify.annotations.Nullable;

/**
 * What a worker takes over of other settings of a pool, besides the topology. Immutable.
 *
 * @param commands null: they are the same
 * @param users null: they are the same
 * @param clients limits and time-outs of clients
 * @param backends limits and time-outs of connections to nodes
 */
record SettingsChange(
    @Nullable CommandTable commands,
    @Nullable Users users,
    ClientSettings clients,
    BackendSettings backends) {

  static SettingsChange of(PoolSettings before, PoolSettings next) {
    boolean otherCommands = !before.commands().declared().equals(next.commands().declared());
    boolean otherUsers =
        otherCommands
            || !before.auth().users().equals(next.auth().users())
            || !before.auth().password().equals(next.auth().password());
    return new SettingsChange(
        otherCommands ? next.commands().table() : null,
        otherUsers ? next.rights() : null,
        LayerSettings.ofClients(next),
        LayerSettings.ofBackends(next));
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
  }
}
