package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.HASH;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT_ORDER;

import java.util.List;

/** The rows of Redis's group "hash". */
final class HashCommands {
  private static final String FIELDSETS =
      "HIMPORT keeps its fieldsets with a connection to a node, and clients share these; use HSET";

  private HashCommands() {}

  static List<Command> rows() {
    return new CommandFamily("hash", HASH)
        .forward("hdel", -3, key(1, RW, DELETE), WRITE, FAST)
        .forward("hexists", 3, key(1, RO), READONLY, FAST)
        .forward("hexpire", -6, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hexpireat", -6, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hexpiretime", -5, key(1, RO, ACCESS), READONLY, FAST)
        .forward("hget", 3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("hgetall", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("hgetdel", -5, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("hgetex", -5, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .container("himport", -2)
        .refused("himport|discard", 3, none())
        .because(FIELDSETS)
        .refused("himport|discardall", 2, none())
        .because(FIELDSETS)
        .refused("himport|prepare", -4, none(), DENYOOM)
        .because(FIELDSETS)
        .refused("himport|set", -5, key(2, OW, UPDATE), WRITE, DENYOOM)
        .because(FIELDSETS)
        .forward("hincrby", 4, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hincrbyfloat", 4, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hkeys", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("hlen", 2, key(1, RO), READONLY, FAST)
        .forward("hmget", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("hmset", -4, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hpersist", -5, key(1, RW, UPDATE), WRITE, FAST)
        .forward("hpexpire", -6, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hpexpireat", -6, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hpexpiretime", -5, key(1, RO, ACCESS), READONLY, FAST)
        .forward("hpttl", -5, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY, FAST)
        .forward("hrandfield", -2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("hscan", -3, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("hset", -4, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hsetex", -6, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("hsetnx", 4, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("hstrlen", 3, key(1, RO), READONLY, FAST)
        .forward("httl", -5, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY, FAST)
        .forward("hvals", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .rows();
  }
}
