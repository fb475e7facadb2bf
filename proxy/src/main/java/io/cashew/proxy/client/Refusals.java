package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.metrics.RefusalKind;
import java.util.Locale;

/** Errors for commands that the proxy does not carry out. */
public final class Refusals {
  private Refusals() {}

  /** Refuses a command that this version does not carry out. */
  public static void notYet(Client client, Command command) {
    client.refuse(
        RefusalKind.REFUSED_COMMAND,
        "ERR " + words(command) + " is not available through this proxy yet");
  }

  /** Refuses what is left to those who administer the nodes. */
  public static void administration(Client client, Command command) {
    client.refuse(
        RefusalKind.REFUSED_COMMAND,
        "ERR "
            + words(command)
            + " administers a node and is refused by this proxy; its setting admin-commands ="
            + " all-nodes allows it"
            + (command.has(Property.SETS_CONFIGURATION)
                ? ", or set it at the nodes themselves"
                : ""));
  }

  private static String words(Command command) {
    return command.name().replace('|', ' ').toUpperCase(Locale.ROOT);
  }
}
