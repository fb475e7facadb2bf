package io.cashew.proxy.command;

import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.NO_AUTH;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RM;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;

import java.util.List;

/**
 * The rows of memcached's text protocol, for pools that speak it. How many words each takes, its
 * decoder knows; what may write is not asked twice.
 */
final class MemcachedCommands {
  private static final String OF_ONE_SERVER = "It is about one server, and a pool has several";

  private MemcachedCommands() {}

  static List<Command> rows() {
    return new CommandFamily("memcached")
        .forward("add", -2, key(1, OW, UPDATE), WRITE, FAST)
        .forward("append", -2, key(1, RW, UPDATE), WRITE, FAST)
        .refused("cache_memlimit", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .forward("cas", -2, key(1, RW, UPDATE), WRITE, FAST)
        .forward("decr", -2, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .forward("delete", -2, key(1, RM, DELETE), WRITE, FAST)
        .keyspace("flush_all", -1, none(), WRITE)
        .split("gat", -3, keys(2, -1, 1, RW, ACCESS, UPDATE), WRITE, FAST)
        .split("gats", -3, keys(2, -1, 1, RW, ACCESS, UPDATE), WRITE, FAST)
        .split("get", -2, keys(1, -1, 1, RO, ACCESS), READONLY, FAST)
        .split("gets", -2, keys(1, -1, 1, RO, ACCESS), READONLY, FAST)
        .forward("incr", -2, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .refused("lru", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .refused("lru_crawler", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .forward("ma", -2, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .forward("md", -2, key(1, RM, DELETE), WRITE, FAST)
        .forward("me", -2, key(1, RO), READONLY, FAST)
        .forward("mg", -2, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .local("mn", -1, none(), FAST)
        .forward("ms", -2, key(1, RW, UPDATE), WRITE, FAST)
        .forward("prepend", -2, key(1, RW, UPDATE), WRITE, FAST)
        .local("quit", -1, none(), FAST, NO_AUTH)
        .refused("refresh_certs", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .forward("replace", -2, key(1, RW, UPDATE), WRITE, FAST)
        .forward("set", -2, key(1, OW, UPDATE), WRITE, FAST)
        .refused("shutdown", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .refused("slabs", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .keyspace("stats", -1, none(), READONLY)
        .forward("touch", -2, key(1, RW, UPDATE), WRITE, FAST)
        .admin("verbosity", -1, none(), ADMIN)
        .keyspace("version", -1, none(), READONLY, FAST)
        .refused("watch", -1, none(), ADMIN)
        .because(OF_ONE_SERVER)
        .rows();
  }
}
