package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.TRANSACTION;
import static io.cashew.proxy.command.CommandFlag.ALLOW_BUSY;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.SKIP_SLOWLOG;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.Property.EXECUTES_QUEUED;
import static io.cashew.proxy.command.Property.NOT_QUEUED;
import static io.cashew.proxy.command.Property.SERVES_WAITERS;

import java.util.List;

/** The rows of Redis's group "transactions". */
final class TransactionCommands {
  private TransactionCommands() {}

  static List<Command> rows() {
    return new CommandFamily("transactions", TRANSACTION)
        .transaction("discard", 1, none(), NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .and(NOT_QUEUED)
        .transaction("exec", 1, none(), NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
        .and(NOT_QUEUED, EXECUTES_QUEUED, SERVES_WAITERS)
        .transaction("multi", 1, none(), NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .and(NOT_QUEUED)
        .transaction("unwatch", 1, none(), NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .transaction("watch", -2, keys(1, -1, 1, RO), NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .and(NOT_QUEUED)
        .rows();
  }
}
