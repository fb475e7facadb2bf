package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.STRING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.CountErrors.PAIRS;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RM;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeyFlag.VARIABLE_FLAGS;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.keyword;
import static io.cashew.proxy.command.KeySpec.numkeys;
import static io.cashew.proxy.command.RequestPolicy.MULTI_SHARD;
import static io.cashew.proxy.command.ResponsePolicy.ALL_SUCCEEDED;
import static io.cashew.proxy.command.ResponsePolicy.KEY_ORDER;

import java.util.List;

/** The rows of Redis's group "string". */
final class StringCommands {
  private StringCommands() {}

  static List<Command> rows() {
    return new CommandFamily("string", STRING)
        .forward("append", 3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("decr", 2, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("decrby", 3, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("delex", -2, key(1, RW, DELETE), WRITE, FAST)
        .forward("delifeq", 3, key(1, RM, ACCESS, DELETE), WRITE)
        .forward("digest", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("get", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("getdel", 2, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("getex", -2, key(1, RW, ACCESS, UPDATE), WRITE, FAST)
        .forward("getrange", 4, key(1, RO, ACCESS), READONLY)
        .forward("getset", 3, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("incr", 2, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("incrby", 3, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("incrbyfloat", 3, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("increx", -2, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("lcs", -3, keys(1, 2, 1, RO, ACCESS), READONLY)
        .split("mget", -2, keys(1, -1, 1, RO, ACCESS), MULTI_SHARD, KEY_ORDER, READONLY, FAST)
        .split("mset", -3, keys(1, -1, 2, OW, UPDATE), MULTI_SHARD, ALL_SUCCEEDED, WRITE, DENYOOM)
        .forward("msetex", -4, numkeys(1, 2, PAIRS, OW, UPDATE), WRITE, DENYOOM)
        .forward("msetnx", -3, keys(1, -1, 2, OW, INSERT), WRITE, DENYOOM)
        .forward("psetex", 4, key(1, OW, UPDATE), WRITE, DENYOOM)
        .forward("set", -3, key(1, RW, ACCESS, UPDATE, VARIABLE_FLAGS), WRITE, DENYOOM)
        .forward("setex", 4, key(1, OW, UPDATE), WRITE, DENYOOM)
        .forward("setnx", 3, key(1, OW, INSERT), WRITE, DENYOOM, FAST)
        .forward("setrange", 4, key(1, RW, UPDATE), WRITE, DENYOOM)
        .forward("stralgo", -2, keyword("KEYS", 2, 2, RO, ACCESS), READONLY)
        .forward("strlen", 2, key(1, RO), READONLY, FAST)
        .forward("substr", 4, key(1, RO, ACCESS), READONLY)
        .rows();
  }
}
