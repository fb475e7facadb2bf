package io.cashew.proxy.client.answer;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.metrics.RefusalKind;

/**
 * Who may decide about other clients' connections: the clients of a pool that lets its nodes be
 * administered, and users whose rules include the command. A client's own connection is its own.
 */
final class OtherClients {
  private OtherClients() {}

  /** Whether a client may decide about others by a command that its user may send. */
  static boolean isInPowerOf(Client client) {
    return client.pool().settings().adminCommands()
        || client.pool().users().haveRulesFor(client.session().user());
  }

  /**
   * Refuses a command to a client that may not decide about others.
   *
   * @param command in upper case, with its subcommand
   * @return whether it was refused
   */
  static boolean areSpared(Client client, String command) {
    if (isInPowerOf(client)) {
      return false;
    }
    client.refuse(
        RefusalKind.REFUSED_COMMAND,
        "ERR "
            + command
            + " is about other clients and is refused by this proxy; its setting admin-commands ="
            + " all-nodes allows it, as do rules for this user in auth.users");
    return true;
  }
}
