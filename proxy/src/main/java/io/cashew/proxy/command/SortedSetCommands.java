package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.SORTEDSET;
import static io.cashew.proxy.command.BlocksFor.seconds;
import static io.cashew.proxy.command.CommandFlag.BLOCKING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.CountErrors.AT_LEAST_ONE;
import static io.cashew.proxy.command.CountErrors.POP;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.numkeys;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;

import java.util.List;

/** The rows of Redis's group "sorted-set". */
final class SortedSetCommands {
  private SortedSetCommands() {}

  static List<Command> rows() {
    return new CommandFamily("sorted-set", SORTEDSET)
        .blocking("bzmpop", -5, numkeys(2, 1, POP, RW, ACCESS, DELETE), seconds(1), WRITE, BLOCKING)
        .blocking("bzpopmax", -3, keys(1, -2, 1, RW, ACCESS, DELETE))
        .and(seconds(-1), WRITE, NOSCRIPT, BLOCKING, FAST)
        .blocking("bzpopmin", -3, keys(1, -2, 1, RW, ACCESS, DELETE))
        .and(seconds(-1), WRITE, NOSCRIPT, BLOCKING, FAST)
        .forward("zadd", -4, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("zcard", 2, key(1, RO), READONLY, FAST)
        .forward("zcount", 4, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zdiff", -3, numkeys(1, 1, AT_LEAST_ONE, RO, ACCESS), READONLY)
        .forward("zdiffstore", -4, all(key(1, OW, UPDATE), numkeys(2, 1, AT_LEAST_ONE, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .forward("zincrby", 4, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, FAST)
        .forward("zinter", -3, numkeys(1, 1, AT_LEAST_ONE, RO, ACCESS), READONLY)
        .forward("zintercard", -3, numkeys(1, 1, AT_LEAST_ONE, RO, ACCESS), READONLY)
        .forward(
            "zinterstore", -4, all(key(1, OW, UPDATE), numkeys(2, 1, AT_LEAST_ONE, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .forward("zlexcount", 4, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zmpop", -4, numkeys(1, 1, POP, RW, ACCESS, DELETE), WRITE)
        .forward("zmscore", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zpopmax", -2, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("zpopmin", -2, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("zrandmember", -2, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("zrange", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrangebylex", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrangebyscore", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrangestore", -5, all(key(1, OW, UPDATE), key(2, RO, ACCESS)), WRITE, DENYOOM)
        .forward("zrank", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zrem", -3, key(1, RW, DELETE), WRITE, FAST)
        .forward("zremrangebylex", 4, key(1, RW, DELETE), WRITE)
        .forward("zremrangebyrank", 4, key(1, RW, DELETE), WRITE)
        .forward("zremrangebyscore", 4, key(1, RW, DELETE), WRITE)
        .forward("zrevrange", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrevrangebylex", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrevrangebyscore", -4, key(1, RO, ACCESS), READONLY)
        .forward("zrevrank", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zscan", -3, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("zscore", 3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("zunion", -3, numkeys(1, 1, AT_LEAST_ONE, RO, ACCESS), READONLY)
        .forward(
            "zunionstore", -4, all(key(1, OW, UPDATE), numkeys(2, 1, AT_LEAST_ONE, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .rows();
  }
}
