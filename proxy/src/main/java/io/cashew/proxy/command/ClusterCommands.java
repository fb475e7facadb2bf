package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.CONNECTION;
import static io.cashew.proxy.command.AclCategory.KEYSPACE;
import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.NO_ASYNC_LOADING;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.RequestPolicy.ALL_SHARDS;
import static io.cashew.proxy.command.Sent.AT_CONNECT;
import static io.cashew.proxy.command.Why.NO_CLUSTER;

import java.util.List;

/** The rows of Redis's group "cluster". */
final class ClusterCommands {
  private ClusterCommands() {}

  static List<Command> rows() {
    return new CommandFamily("cluster")
        .refused("asking", 1, none(), NO_CLUSTER, CONNECTION, FAST)
        .container("cluster", -2)
        .and(AT_CONNECT)
        .refused("cluster|addslots", -3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|addslotsrange", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|bumpepoch", 2, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .and(NONDETERMINISTIC_OUTPUT)
        .refused("cluster|cancelslotmigrations", 2, none(), NO_CLUSTER, ADMIN, STALE)
        .and(NO_ASYNC_LOADING)
        .refused("cluster|count-failure-reports", 3, none(), NO_CLUSTER, ADMIN, STALE)
        .and(NONDETERMINISTIC_OUTPUT)
        .refused("cluster|countkeysinslot", 3, none(), NO_CLUSTER, STALE)
        .refused("cluster|delslots", -3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|delslotsrange", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|failover", -2, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|flushslots", 2, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|forget", 3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|getkeysinslot", 4, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .refused("cluster|getslotmigrations", 2, none(), NO_CLUSTER, ADMIN, STALE)
        .and(NO_ASYNC_LOADING, NONDETERMINISTIC_OUTPUT)
        .refused("cluster|help", 2, none(), NO_CLUSTER, LOADING, STALE)
        .refused("cluster|info", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .and(AT_CONNECT)
        .refused("cluster|keyslot", 3, none(), NO_CLUSTER, STALE)
        .refused("cluster|links", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .refused("cluster|meet", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|migrateslots", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|migration", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|myid", 2, none(), NO_CLUSTER, STALE)
        .and(AT_CONNECT)
        .refused("cluster|myshardid", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .and(AT_CONNECT)
        .refused("cluster|nodes", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .and(AT_CONNECT)
        .refused("cluster|replicas", 3, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, ADMIN, STALE)
        .refused("cluster|replicate", 3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|reset", -2, none(), NO_CLUSTER, ADMIN, NOSCRIPT, STALE)
        .refused("cluster|saveconfig", 2, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|set-config-epoch", 3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|setslot", -4, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .refused("cluster|shards", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .and(AT_CONNECT)
        .refused("cluster|slaves", 3, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, ADMIN, STALE)
        .refused("cluster|slot-stats", -4, none(), NO_CLUSTER, LOADING, STALE)
        .and(NONDETERMINISTIC_OUTPUT, ALL_SHARDS)
        .refused("cluster|slots", 2, none(), NO_CLUSTER, NONDETERMINISTIC_OUTPUT, STALE)
        .and(AT_CONNECT)
        .refused("cluster|syncslots", -3, none(), NO_CLUSTER, ADMIN, STALE, NO_ASYNC_LOADING)
        .and(NONDETERMINISTIC_OUTPUT)
        .refused("clusterscan", -2, none(), KEYSPACE, READONLY, NONDETERMINISTIC_OUTPUT)
        .because(NO_CLUSTER.text() + ", and SCAN for all keys")
        .local("readonly", 1, none(), CONNECTION, LOADING, STALE, FAST)
        .because("Accepted without effect: the proxy chooses the node")
        .local("readwrite", 1, none(), CONNECTION, LOADING, STALE, FAST)
        .because("Accepted without effect: the proxy chooses the node")
        .rows();
  }
}
