package io.cashew.proxy.command;

import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.key;

import java.util.List;

/** The rows of Redis's group "vector-set". */
final class VectorSetCommands {
  private VectorSetCommands() {}

  static List<Command> rows() {
    return new CommandFamily("vector-set")
        .forward("vadd", -5, key(1, RW, UPDATE), WRITE, DENYOOM)
        .forward("vcard", 2, key(1, RO), READONLY, FAST)
        .forward("vdim", 2, key(1, RO), READONLY, FAST)
        .forward("vemb", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("vgetattr", 3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("vinfo", 2, key(1, RO), READONLY, FAST)
        .forward("vismember", 3, key(1, RO), READONLY, FAST)
        .forward("vlinks", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("vrandmember", -2, key(1, RO, ACCESS), READONLY)
        .forward("vrange", -4, key(1, RO, ACCESS), READONLY)
        .forward("vrem", 3, key(1, RW, DELETE), WRITE)
        .forward("vsetattr", 4, key(1, RW, UPDATE), WRITE, FAST)
        .forward("vsim", -4, key(1, RO, ACCESS), READONLY)
        .rows();
  }
}
