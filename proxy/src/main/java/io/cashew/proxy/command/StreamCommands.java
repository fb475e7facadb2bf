package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.STREAM;
import static io.cashew.proxy.command.BlocksOn.blocksOn;
import static io.cashew.proxy.command.CommandFlag.BLOCKING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.KeySpec.streams;
import static io.cashew.proxy.command.OutputTip.NONDETERMINISTIC_OUTPUT;

import java.util.List;

/** The rows of Redis's group "stream". */
final class StreamCommands {
  private StreamCommands() {}

  static List<Command> rows() {
    return new CommandFamily("stream", STREAM)
        .forward("xack", -4, key(1, RW, UPDATE), WRITE, FAST)
        .forward("xackdel", -6, key(1, RW, UPDATE, DELETE), WRITE, FAST)
        .forward("xadd", -5, key(1, RW, UPDATE), NONDETERMINISTIC_OUTPUT, WRITE, DENYOOM, FAST)
        .forward("xautoclaim", -6, key(1, RW, DELETE), NONDETERMINISTIC_OUTPUT, WRITE, FAST)
        .forward("xcfgset", -2, key(1, RW, UPDATE), WRITE, FAST)
        .forward("xclaim", -6, key(1, RW, UPDATE), NONDETERMINISTIC_OUTPUT, WRITE, FAST)
        .forward("xdel", -3, key(1, RW, DELETE), WRITE, FAST)
        .forward("xdelex", -5, key(1, RW, DELETE), WRITE, FAST)
        .container("xgroup", -2)
        .forward("xgroup|create", -5, key(2, RW, INSERT), WRITE, DENYOOM)
        .forward("xgroup|createconsumer", 5, key(2, RW, INSERT), WRITE, DENYOOM)
        .forward("xgroup|delconsumer", 5, key(2, RW, DELETE), WRITE)
        .forward("xgroup|destroy", 4, key(2, RW, DELETE), WRITE)
        .forward("xgroup|help", 2, none(), LOADING, STALE)
        .forward("xgroup|setid", -5, key(2, RW, UPDATE), WRITE)
        .forward("xidmprecord", 5, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .container("xinfo", -2)
        .forward("xinfo|consumers", 4, key(2, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("xinfo|groups", 3, key(2, RO, ACCESS), READONLY)
        .forward("xinfo|help", 2, none(), LOADING, STALE)
        .forward("xinfo|stream", -3, key(2, RO, ACCESS), READONLY)
        .forward("xlen", 2, key(1, RO), READONLY, FAST)
        .forward("xnack", -7, key(1, RW, UPDATE), WRITE, FAST)
        .forward("xpending", -3, key(1, RO, ACCESS), NONDETERMINISTIC_OUTPUT, READONLY)
        .forward("xrange", -4, key(1, RO, ACCESS), READONLY)
        .blocking("xread", -4, streams(1, RO, ACCESS), blocksOn("BLOCK", 1), READONLY, BLOCKING)
        .because("Pinned only if BLOCK is given, otherwise sent to the node of its keys")
        .blocking("xreadgroup", -7, streams(4, RO, ACCESS), blocksOn("BLOCK", 4), WRITE, BLOCKING)
        .because("Pinned only if BLOCK is given, otherwise sent to the node of its keys")
        .forward("xrevrange", -4, key(1, RO, ACCESS), READONLY)
        .forward("xsetid", -3, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("xtrim", -4, key(1, RW, DELETE), NONDETERMINISTIC_OUTPUT, WRITE)
        .rows();
  }
}
