package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.CONNECTION;
import static io.cashew.proxy.command.AclCategory.DANGEROUS;
import static io.cashew.proxy.command.AclCategory.KEYSPACE;
import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.ALLOW_BUSY;
import static io.cashew.proxy.command.CommandFlag.ASKING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.NO_ASYNC_LOADING;
import static io.cashew.proxy.command.CommandFlag.NO_MULTI;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT_ORDER;
import static io.cashew.proxy.command.Property.NODE_ANSWERS_AS_WELL;
import static io.cashew.proxy.command.Property.SERVES_WAITERS;
import static io.cashew.proxy.command.Property.SETS_CONFIGURATION;
import static io.cashew.proxy.command.Property.TELLS_OF_DATA;
import static io.cashew.proxy.command.Property.TELLS_SETTINGS;
import static io.cashew.proxy.command.RequestPolicy.ALL_NODES;
import static io.cashew.proxy.command.RequestPolicy.ALL_SHARDS;
import static io.cashew.proxy.command.ResponsePolicy.AGG_SUM;
import static io.cashew.proxy.command.ResponsePolicy.ALL_SUCCEEDED;
import static io.cashew.proxy.command.ResponsePolicy.CONCATENATED;
import static io.cashew.proxy.command.Why.NO_CLUSTER;

import java.util.List;

/** The rows of Redis's group "server". */
final class ServerCommands {
  private static final String SLOWLOG =
      "The proxy's own slow log; with `admin-commands = all-nodes` that of all nodes, and the"
          + " proxy's own at `/api/slowlog`";

  private static final String HOTKEYS =
      "Of Redis 8.6: what the nodes themselves count, while HOTKEYS [BIG] [count] is Cashew's own";
  private static final String BACKUP = "Backups are made on the nodes themselves";

  private ServerCommands() {}

  static List<Command> rows() {
    return new CommandFamily("server")
        .container("acl", -2)
        .local("acl|cat", -2, none(), NOSCRIPT, LOADING, STALE)
        .refused("acl|deluser", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because("Users are set in the configuration of the pool")
        .local("acl|dryrun", -4, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .local("acl|genpass", -2, none(), NOSCRIPT, LOADING, STALE)
        .local("acl|getuser", 3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .local("acl|help", 2, none(), LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .local("acl|list", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .refused("acl|load", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because("Users are set in the configuration of the pool")
        .local("acl|log", -2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .refused("acl|save", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because("Users are set in the configuration of the pool")
        .refused("acl|setuser", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because("Users are set in the configuration of the pool")
        .local("acl|users", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .local("acl|whoami", 2, none(), NOSCRIPT, LOADING, STALE)
        .container("backup", 2)
        .refused("backup|abort", 2, none(), ADMIN, NOSCRIPT)
        .because(BACKUP)
        .refused("backup|cleanup", 2, none(), ADMIN, NOSCRIPT)
        .because(BACKUP)
        .forward("backup|help", 2, none(), LOADING, STALE)
        .refused("backup|list", 2, none(), ADMIN, STALE)
        .because(BACKUP)
        .refused("backup|seal", 2, none(), ADMIN, NOSCRIPT)
        .because(BACKUP)
        .refused("backup|start", 2, none(), ADMIN, NOSCRIPT)
        .because(BACKUP)
        .refused("backup|status", 2, none(), ADMIN, STALE)
        .because(BACKUP)
        .admin("bgrewriteaof", 1, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .admin("bgsave", -1, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .local("command", -1, none(), NONDETERMINISTIC_OUTPUT_ORDER, CONNECTION, LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .because("Answered from this table: what is on all nodes, or answered by the proxy")
        .local("command|count", 2, none(), CONNECTION, LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .local("command|docs", -2, none(), LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT_ORDER, CONNECTION)
        .local("command|getkeys", -3, none(), CONNECTION, LOADING, STALE)
        .local("command|getkeysandflags", -3, none(), CONNECTION, LOADING, STALE)
        .local("command|help", 2, none(), CONNECTION, LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .local("command|info", -2, none(), LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .and(NONDETERMINISTIC_OUTPUT_ORDER, CONNECTION)
        .local("command|list", -2, none(), LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT_ORDER, CONNECTION)
        .container("commandlog", -2)
        .admin("commandlog|get", 4, none(), ADMIN, LOADING, STALE)
        .and(ALL_NODES, CONCATENATED, NONDETERMINISTIC_OUTPUT)
        .forward("commandlog|help", 2, none(), LOADING, STALE)
        .admin("commandlog|len", 3, none(), ADMIN, LOADING, STALE)
        .and(ALL_NODES, AGG_SUM, NONDETERMINISTIC_OUTPUT)
        .admin("commandlog|reset", 3, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, LOADING, STALE)
        .container("config", -2)
        .admin("config|get", -3, none(), ADMIN, NOSCRIPT, LOADING, STALE, TELLS_SETTINGS)
        .because(
            "Settings without secrets that frameworks ask for, as they hold at every node; others"
                + " are refused, or with `admin-commands = all-nodes` the first node's")
        .forward("config|help", 2, none(), LOADING, STALE)
        .admin("config|resetstat", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .admin("config|rewrite", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .admin("config|set", -4, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, NOSCRIPT, LOADING, STALE)
        .and(SETS_CONFIGURATION)
        .keyspace("dbsize", 1, none(), ALL_SHARDS, AGG_SUM, KEYSPACE, READONLY, FAST)
        .because("The sum over all nodes")
        .refused("failover", -1, none(), ADMIN, NOSCRIPT, STALE)
        .because("A failover is started on the node itself")
        .keyspace("flushall", -1, none(), ALL_SHARDS, ALL_SUCCEEDED, DANGEROUS, KEYSPACE, WRITE)
        .because("Every node is emptied")
        .keyspace("flushdb", -1, none(), ALL_SHARDS, ALL_SUCCEEDED, DANGEROUS, KEYSPACE, WRITE)
        .because("The database is emptied on every node")
        .local("hotkeys", -1, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT)
        .and(Subcommands.UNLISTED)
        .because("Cashew's own: the keys that are asked for most, or the largest")
        .admin("hotkeys|get", 2, none(), ADMIN, NOSCRIPT)
        .and(ALL_NODES, CONCATENATED, NONDETERMINISTIC_OUTPUT)
        .because(HOTKEYS)
        .local("hotkeys|help", 2, none(), LOADING, STALE)
        .admin("hotkeys|reset", 2, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, NOSCRIPT)
        .because(HOTKEYS)
        .admin("hotkeys|start", -2, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, NOSCRIPT)
        .because(HOTKEYS)
        .admin("hotkeys|stop", 2, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, NOSCRIPT)
        .because(HOTKEYS)
        .local("info", -1, none(), LOADING, STALE)
        .and(NODE_ANSWERS_AS_WELL)
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS, ResponsePolicy.SPECIAL, DANGEROUS)
        .because("About the proxy and its nodes")
        .admin("lastsave", 1, none(), LOADING, STALE, FAST)
        .and(NONDETERMINISTIC_OUTPUT, AclCategory.ADMIN, DANGEROUS)
        .container("latency", -2)
        .admin("latency|doctor", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_NODES, ResponsePolicy.SPECIAL)
        .admin("latency|graph", 3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_NODES, ResponsePolicy.SPECIAL)
        .forward("latency|help", 2, none(), LOADING, STALE)
        .admin("latency|histogram", -2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_NODES, ResponsePolicy.SPECIAL)
        .admin("latency|history", 3, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_NODES, ResponsePolicy.SPECIAL)
        .admin("latency|latest", 2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_NODES, ResponsePolicy.SPECIAL)
        .admin("latency|reset", -2, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .and(ALL_NODES, ALL_SUCCEEDED)
        .forward("lolwut", -1, none(), READONLY, FAST)
        .because("Any node answers")
        .container("memory", -2)
        .admin("memory|doctor", 2, none())
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS, ResponsePolicy.SPECIAL)
        .forward("memory|help", 2, none(), LOADING, STALE)
        .admin("memory|malloc-stats", 2, none())
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS, ResponsePolicy.SPECIAL)
        .admin("memory|purge", 2, none(), ALL_SHARDS, ALL_SUCCEEDED)
        .admin("memory|stats", 2, none())
        .and(TELLS_OF_DATA)
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS, ResponsePolicy.SPECIAL)
        .forward("memory|usage", -3, key(2, RO), READONLY)
        .container("module", -2)
        .forward("module|help", 2, none(), LOADING, STALE)
        .admin("module|list", 2, none(), NONDETERMINISTIC_OUTPUT_ORDER, ADMIN, NOSCRIPT)
        .refused("module|load", -3, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .because("Modules are loaded on the nodes themselves")
        .refused("module|loadex", -3, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .because("Modules are loaded on the nodes themselves")
        .refused("module|unload", 3, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .because("Modules are loaded on the nodes themselves")
        .refused("monitor", 1, none(), ADMIN, NOSCRIPT, LOADING, STALE)
        .because("MONITOR would show the commands of all clients; connect to a node for it")
        .refused("psync", -3, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
        .because("Replicas connect to a node, not to the proxy")
        .refused("replconf", -1, none(), ADMIN, NOSCRIPT, LOADING, STALE, ALLOW_BUSY)
        .because("Replicas connect to a node, not to the proxy")
        .refused("replicaof", 3, none(), ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
        .because("Replication is set up on the nodes themselves")
        .refused("restore-asking", -4, key(1, OW, UPDATE), WRITE, DENYOOM, ASKING)
        .and(DANGEROUS, KEYSPACE)
        .because("RESTORE-ASKING is spoken between the nodes of a Redis Cluster; use RESTORE")
        .local("role", 1, none(), AclCategory.ADMIN, DANGEROUS, NOSCRIPT, LOADING, STALE, FAST)
        .and(NODE_ANSWERS_AS_WELL)
        .because("To its clients the proxy is a master without replicas")
        .admin("save", 1, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
        .refused("sflush", -3, none(), NO_CLUSTER, DANGEROUS, KEYSPACE, WRITE)
        .refused("shutdown", -1, none(), ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
        .because("SHUTDOWN would stop a server that other clients use")
        .refused("slaveof", 3, none(), ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
        .because("Replication is set up on the nodes themselves")
        .container("slowlog", -2)
        .admin(
            "slowlog|get",
            -2,
            none(),
            ALL_NODES,
            CONCATENATED,
            NONDETERMINISTIC_OUTPUT,
            ADMIN,
            LOADING,
            STALE)
        .because(SLOWLOG)
        .forward("slowlog|help", 2, none(), LOADING, STALE)
        .admin("slowlog|len", 2, none(), ADMIN, LOADING, STALE)
        .and(ALL_NODES, AGG_SUM, NONDETERMINISTIC_OUTPUT)
        .because(SLOWLOG)
        .admin("slowlog|reset", 2, none(), ALL_NODES, ALL_SUCCEEDED, ADMIN, LOADING, STALE)
        .because(SLOWLOG)
        .keyspace("swapdb", 3, none(), ALL_SHARDS, ALL_SUCCEEDED, DANGEROUS, KEYSPACE, WRITE, FAST)
        .and(SERVES_WAITERS)
        .because("Sent to every node; the nodes swap one after another, not at one moment")
        .refused("sync", 1, none(), ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
        .because("Replicas connect to a node, not to the proxy")
        .local("time", 1, none(), NONDETERMINISTIC_OUTPUT, LOADING, STALE, FAST)
        .and(NODE_ANSWERS_AS_WELL)
        .because("The clock of the proxy")
        .refused("trimslots", -5, none(), NO_CLUSTER, DANGEROUS, KEYSPACE, WRITE)
        .rows();
  }
}
