package io.cashew.proxy.metrics;

import java.util.EnumSet;
import java.util.Set;

/** Why the proxy answered a request with an error of its own instead of a node's reply. */
public enum RefusalKind implements Kind {
  PROTOCOL("protocol", "the request broke the protocol"),
  HANDSHAKE(
      "handshake", "CLIENT, HELLO or CLUSTER of a library that finds out what the proxy can do"),
  UNKNOWN_COMMAND("unknown_command", "no such command"),
  WRONG_ARITY("wrong_arity", "wrong number of arguments"),
  BAD_ARGUMENT("bad_argument", "an argument that the proxy must understand was wrong"),
  CROSS_SLOT("cross_slot", "keys of several nodes in a command that cannot be split"),
  REFUSED_COMMAND("refused_command", "a command that this proxy, or its settings, refuse"),
  NOT_AUTHENTICATED("not_authenticated", "a command before AUTH"),
  NOT_PERMITTED("not_permitted", "a command, key or channel that the user's rules do not allow"),
  WRONG_PASSWORD("wrong_password", "AUTH or HELLO with a wrong user or password"),
  WRONG_STATE("wrong_state", "a command that the client's state forbids, such as EXEC alone"),
  TOO_LARGE("too_large", "a request larger than a limit"),
  RATE_LIMITED("rate_limited", "more requests in a second than a limit or rule allows"),
  SHORT_OF_MEMORY("short_of_memory", "buffers held more than memory-limit"),
  NO_NODE("no_node", "no node is left for the key"),
  NODE_FAILURE("node_failure", "a node failed; the node's failures tell the kind"),
  STOPPING("stopping", "the proxy was stopping"),
  INTERNAL("internal", "an error of the proxy itself; the log has it");

  /** Kinds that are the library's and not the application's in what is sent at connect. */
  private static final Set<RefusalKind> ASKED_BY_LIBRARIES =
      EnumSet.of(UNKNOWN_COMMAND, WRONG_ARITY, BAD_ARGUMENT, REFUSED_COMMAND);

  private final String label;
  private final String help;

  RefusalKind(String label, String help) {
    this.label = label;
    this.help = help;
  }

  /** What this counts as if the command is one that libraries send as they connect. */
  public RefusalKind atConnect() {
    return ASKED_BY_LIBRARIES.contains(this) ? HANDSHAKE : this;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public String help() {
    return help;
  }
}
