package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.SET;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.CountErrors.CARDINALITY;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.numkeys;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT_ORDER;

import java.util.List;

/** The rows of Redis's group "set". */
final class SetCommands {
  private SetCommands() {}

  static List<Command> rows() {
    return new CommandFamily("set", SET)
        .forward("sadd", -3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("scard", 2, key(1, RO), READONLY, FAST)
        .forward("sdiff", -2, keys(1, -1, 1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("sdiffcard", -3, numkeys(1, 1, CARDINALITY, RO, ACCESS), READONLY)
        .forward("sdiffstore", -3, all(key(1, OW, UPDATE), keys(2, -1, 1, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .forward("sinter", -2, keys(1, -1, 1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("sintercard", -3, numkeys(1, 1, CARDINALITY, RO, ACCESS), READONLY)
        .forward("sinterstore", -3, all(key(1, RW, UPDATE), keys(2, -1, 1, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .forward("sismember", 3, key(1, RO), READONLY, FAST)
        .forward("smembers", 2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("smismember", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("smove", 4, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)), WRITE, FAST)
        .forward("spop", -2, key(1, RW, ACCESS, DELETE), NONDETERMINISTIC_OUTPUT, WRITE, FAST)
        .forward("srandmember", -2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("srem", -3, key(1, RW, DELETE), WRITE, FAST)
        .forward("sscan", -3, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("sunion", -2, keys(1, -1, 1, RO, ACCESS), NONDETERMINISTIC_OUTPUT_ORDER, READONLY)
        .forward("sunioncard", -3, numkeys(1, 1, CARDINALITY, RO, ACCESS), READONLY)
        .forward("sunionstore", -3, all(key(1, OW, UPDATE), keys(2, -1, 1, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .rows();
  }
}
