package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.CONNECTION;
import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.ALLOW_BUSY;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.NO_AUTH;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.Order.ALONE;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.Property.FOR_LISTENERS;
import static io.cashew.proxy.command.Property.NODE_ANSWERS_AS_WELL;
import static io.cashew.proxy.command.Property.NOT_QUEUED;
import static io.cashew.proxy.command.Property.SELECTS_DATABASE;
import static io.cashew.proxy.command.RequestPolicy.ALL_SHARDS;
import static io.cashew.proxy.command.ResponsePolicy.ALL_SUCCEEDED;
import static io.cashew.proxy.command.Sent.AT_CONNECT;

import java.util.List;

/** The rows of Redis's group "connection". */
final class ConnectionCommands {
  private static final String OTHERS =
      "The proxy answers for its own clients. About others than the one that asks only with"
          + " `admin-commands = all-nodes`, or for a user whose rules in `auth.users` include it";

  private ConnectionCommands() {}

  static List<Command> rows() {
    return new CommandFamily("connection", CONNECTION)
        .local("auth", -2, none(), ALONE, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .container("client", -2)
        .and(AT_CONNECT)
        .local("client|caching", 3, none(), NOSCRIPT, LOADING, STALE)
        .local("client|capa", -3, none(), NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|getname", 2, none(), NOSCRIPT, LOADING, STALE)
        .local("client|getredir", 2, none(), NOSCRIPT, LOADING, STALE)
        .local("client|help", 2, none(), LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .local("client|id", 2, none(), NOSCRIPT, LOADING, STALE)
        .local("client|import-source", 3, none(), NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|info", 2, none(), NONDETERMINISTIC_OUTPUT, NOSCRIPT, LOADING, STALE)
        .local("client|kill", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because(OTHERS)
        .local("client|list", -2, none(), NONDETERMINISTIC_OUTPUT, ADMIN, NOSCRIPT, LOADING, STALE)
        .local("client|no-evict", 3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|no-touch", 3, none(), NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|pause", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because(OTHERS)
        .local("client|reply", 3, none(), NOSCRIPT, LOADING, STALE)
        .local("client|setinfo", 4, none(), NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|setname", 3, none(), NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|tracking", -3, none(), ALONE, NOSCRIPT, LOADING, STALE)
        .and(AT_CONNECT)
        .local("client|trackinginfo", 2, none(), NOSCRIPT, LOADING, STALE)
        .local("client|unblock", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because(OTHERS)
        .local("client|unpause", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because(OTHERS)
        .local("echo", 2, none(), LOADING, STALE, FAST)
        .and(NODE_ANSWERS_AS_WELL)
        .local("hello", -1, none(), ALONE, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .and(AT_CONNECT)
        .local("ping", -1, none(), ALL_SHARDS, ALL_SUCCEEDED, FAST)
        .and(NODE_ANSWERS_AS_WELL, FOR_LISTENERS)
        .because("The proxy itself answers")
        .local("quit", -1, none(), NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .and(NOT_QUEUED, FOR_LISTENERS)
        .local("reset", 1, none(), ALONE, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .and(NOT_QUEUED, FOR_LISTENERS)
        .local("select", 2, none(), LOADING, STALE, FAST)
        .and(SELECTS_DATABASE, NODE_ANSWERS_AS_WELL)
        .rows();
  }
}
