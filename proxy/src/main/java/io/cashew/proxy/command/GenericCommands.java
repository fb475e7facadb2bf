package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.CONNECTION;
import static io.cashew.proxy.command.AclCategory.DANGEROUS;
import static io.cashew.proxy.command.AclCategory.KEYSPACE;
import static io.cashew.proxy.command.AclCategory.LIST;
import static io.cashew.proxy.command.AclCategory.SET;
import static io.cashew.proxy.command.AclCategory.SORTEDSET;
import static io.cashew.proxy.command.BlocksFor.millis;
import static io.cashew.proxy.command.CommandFlag.BLOCKING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RM;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.migrateKeys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.KeySpec.sortOptions;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT_ORDER;
import static io.cashew.proxy.command.Property.OF_ONE_COPY;
import static io.cashew.proxy.command.RequestPolicy.ALL_SHARDS;
import static io.cashew.proxy.command.RequestPolicy.MULTI_SHARD;
import static io.cashew.proxy.command.RequestPolicy.SPECIAL;
import static io.cashew.proxy.command.ResponsePolicy.AGG_MIN;
import static io.cashew.proxy.command.ResponsePolicy.AGG_SUM;
import static io.cashew.proxy.command.ResponsePolicy.CONCATENATED;

import java.util.List;

/** The rows of Redis's group "generic". */
final class GenericCommands {
  private GenericCommands() {}

  static List<Command> rows() {
    return new CommandFamily("generic", KEYSPACE)
        .forward("copy", -3, all(key(1, RO, ACCESS), key(2, OW, UPDATE)), WRITE, DENYOOM)
        .split("del", -2, keys(1, -1, 1, RM, DELETE), MULTI_SHARD, AGG_SUM, WRITE)
        .forward("dump", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .split("exists", -2, keys(1, -1, 1, RO), MULTI_SHARD, AGG_SUM, READONLY, FAST)
        .forward("expire", -3, key(1, RW, UPDATE), WRITE, FAST)
        .forward("expireat", -3, key(1, RW, UPDATE), WRITE, FAST)
        .forward("expiretime", 2, key(1, RO, ACCESS), READONLY, FAST)
        .keyspace("keys", 2, none(), CONCATENATED, READONLY)
        .and(ALL_SHARDS, NONDETERMINISTIC_OUTPUT_ORDER, DANGEROUS, KEYSPACE)
        .because("The answers of all nodes, joined")
        .refused("migrate", -6, migrateKeys(RW, ACCESS, DELETE), WRITE)
        .and(NONDETERMINISTIC_OUTPUT, DANGEROUS, KEYSPACE)
        .because("MIGRATE would move keys to a server that the proxy does not know")
        .forward("move", 3, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .container("object", -2)
        .forward("object|encoding", 3, key(2, RO), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("object|freq", 3, key(2, RO), NONDETERMINISTIC_OUTPUT, READONLY)
        .and(OF_ONE_COPY)
        .forward("object|help", 2, none(), LOADING, STALE)
        .forward("object|idletime", 3, key(2, RO), NONDETERMINISTIC_OUTPUT, READONLY)
        .and(OF_ONE_COPY)
        .forward("object|refcount", 3, key(2, RO), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("persist", 2, key(1, RW, UPDATE), WRITE, FAST)
        .forward("pexpire", -3, key(1, RW, UPDATE), WRITE, FAST)
        .forward("pexpireat", -3, key(1, RW, UPDATE), WRITE, FAST)
        .forward("pexpiretime", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("pttl", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY, FAST)
        .keyspace("randomkey", 1, none(), ALL_SHARDS, NONDETERMINISTIC_OUTPUT, READONLY)
        .because("A key of a node chosen at random that has keys")
        .forward("rename", 3, all(key(1, RW, ACCESS, DELETE), key(2, OW, UPDATE)), WRITE)
        .forward("renamenx", 3, all(key(1, RW, ACCESS, DELETE), key(2, OW, INSERT)), WRITE, FAST)
        .forward("restore", -4, key(1, OW, UPDATE), DANGEROUS, KEYSPACE, WRITE, DENYOOM)
        .keyspace("scan", -2, none(), NONDETERMINISTIC_OUTPUT, SPECIAL, READONLY)
        .because("Walks node after node; the cursor carries the node")
        .forward("sort", -2, all(key(1, RO, ACCESS), sortOptions(true, OW, UPDATE)), WRITE, DENYOOM)
        .and(DANGEROUS, LIST, SET, SORTEDSET)
        .because("BY and GET patterns name keys, too: with several nodes they need its hash tag")
        .forward("sort_ro", -2, all(key(1, RO, ACCESS), sortOptions(false, RO, ACCESS)), READONLY)
        .and(DANGEROUS, LIST, SET, SORTEDSET)
        .because("BY and GET patterns name keys, too: with several nodes they need its hash tag")
        .split("touch", -2, keys(1, -1, 1, RO), MULTI_SHARD, AGG_SUM, READONLY, FAST)
        .and(OF_ONE_COPY)
        .forward("ttl", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY, FAST)
        .forward("type", 2, key(1, RO), READONLY, FAST)
        .split("unlink", -2, keys(1, -1, 1, RM, DELETE), MULTI_SHARD, AGG_SUM, WRITE, FAST)
        .blocking("wait", 3, none(), millis(-1), ALL_SHARDS, AGG_MIN, CONNECTION, NOSCRIPT)
        .because(
            "Asked of the nodes that this client has written to; the least number of replicas that have it"
                + " is the answer. Not in a transaction")
        .blocking("waitaof", 4, none(), millis(-1), ALL_SHARDS, AGG_MIN, CONNECTION, BLOCKING)
        .because(
            "Asked of the nodes that this client has written to; the least numbers are the answer."
                + " Not in a transaction")
        .rows();
  }
}
