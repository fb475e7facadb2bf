package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.SCRIPTING;
import static io.cashew.proxy.command.CommandFlag.ALLOW_BUSY;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.NO_MANDATORY_KEYS;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.SKIP_MONITOR;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.CountErrors.FUNCTION;
import static io.cashew.proxy.command.CountErrors.SCRIPT;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.KeySpec.numkeys;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT_ORDER;
import static io.cashew.proxy.command.Property.LOADS_SCRIPT;
import static io.cashew.proxy.command.Property.MAY_REPLICATE;
import static io.cashew.proxy.command.Property.OF_ONE_COPY;
import static io.cashew.proxy.command.RequestPolicy.ALL_NODES;
import static io.cashew.proxy.command.RequestPolicy.ALL_SHARDS;
import static io.cashew.proxy.command.ResponsePolicy.AGG_LOGICAL_AND;
import static io.cashew.proxy.command.ResponsePolicy.ALL_SUCCEEDED;
import static io.cashew.proxy.command.ResponsePolicy.ONE_SUCCEEDED;

import java.util.List;

/** The rows of Redis's group "scripting". */
final class ScriptingCommands {
  private ScriptingCommands() {}

  static List<Command> rows() {
    return new CommandFamily("scripting", SCRIPTING)
        .forward("eval", -3, numkeys(2, 1, SCRIPT, RW, ACCESS, UPDATE))
        .and(MAY_REPLICATE)
        .and(NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .forward("eval_ro", -3, numkeys(2, 1, SCRIPT, RO, ACCESS))
        .and(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .forward("evalsha", -3, numkeys(2, 1, SCRIPT, RW, ACCESS, UPDATE))
        .and(MAY_REPLICATE)
        .and(NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .forward("evalsha_ro", -3, numkeys(2, 1, SCRIPT, RO, ACCESS))
        .and(OF_ONE_COPY) // scripts are not replicated
        .and(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .forward("fcall", -3, numkeys(2, 1, FUNCTION, RW, ACCESS, UPDATE))
        .and(MAY_REPLICATE)
        .and(NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .forward("fcall_ro", -3, numkeys(2, 1, FUNCTION, RO, ACCESS))
        .and(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
        .container("function", -2)
        .keyspace("function|delete", 3, none(), ALL_SHARDS, ALL_SUCCEEDED, WRITE, NOSCRIPT)
        .forward("function|dump", 2, none(), NOSCRIPT)
        .because("All nodes have the same libraries, so one node answers")
        .keyspace("function|flush", -2, none(), ALL_SHARDS, ALL_SUCCEEDED, WRITE, NOSCRIPT)
        .forward("function|help", 2, none(), LOADING, STALE)
        .keyspace("function|kill", 2, none(), ALL_SHARDS, ONE_SUCCEEDED, NOSCRIPT, ALLOW_BUSY)
        .forward("function|list", -2, none(), NONDETERMINISTIC_OUTPUT_ORDER, NOSCRIPT)
        .because("All nodes have the same libraries, so one node answers")
        .keyspace("function|load", -3, none(), ALL_SHARDS, ALL_SUCCEEDED, WRITE, DENYOOM, NOSCRIPT)
        .keyspace("function|restore", -3, none(), WRITE, DENYOOM, NOSCRIPT)
        .and(ALL_SHARDS, ALL_SUCCEEDED)
        .keyspace("function|stats", 2, none(), NOSCRIPT, ALLOW_BUSY)
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS, ResponsePolicy.SPECIAL)
        .because("The running script of any node, with the engines of the first")
        .container("script", -2)
        .refused("script|debug", 3, none(), NOSCRIPT)
        .because("The Lua debugger stops a whole server; connect to a node to debug")
        .keyspace("script|exists", -3, none(), ALL_SHARDS, AGG_LOGICAL_AND, NOSCRIPT)
        .because("A script exists if every node has it")
        .keyspace("script|flush", -2, none(), ALL_NODES, ALL_SUCCEEDED, NOSCRIPT)
        .forward("script|help", 2, none(), LOADING, STALE)
        .keyspace("script|kill", 2, none(), ALL_SHARDS, ONE_SUCCEEDED, NOSCRIPT, ALLOW_BUSY)
        .keyspace("script|load", 3, none(), ALL_NODES, ALL_SUCCEEDED, NOSCRIPT, STALE)
        .and(LOADS_SCRIPT)
        .because("Loaded on every node, so that EVALSHA works wherever its keys are")
        .keyspace("script|show", 3, none(), ALL_SHARDS, ONE_SUCCEEDED, NOSCRIPT)
        .because("Any node that has the script")
        .rows();
  }
}
