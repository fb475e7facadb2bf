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

/** The rows of the group "array", which Redis has from 8.8 on. */
final class ArrayCommands {
  private ArrayCommands() {}

  static List<Command> rows() {
    return new CommandFamily("array")
        .forward("arcount", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("ardel", -3, key(1, RW, DELETE), WRITE, FAST)
        .forward("ardelrange", -4, key(1, RW, DELETE), WRITE)
        .forward("arget", 3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("argetrange", 4, key(1, RO, ACCESS), READONLY)
        .forward("argrep", -6, key(1, RO, ACCESS), READONLY)
        .forward("arinfo", -2, key(1, RO, ACCESS), READONLY)
        .forward("arinsert", -3, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("arlastitems", -3, key(1, RO, ACCESS), READONLY)
        .forward("arlen", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("armget", -3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("armset", -4, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .forward("arnext", 2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("arop", -5, key(1, RO, ACCESS), READONLY)
        .forward("arring", -4, key(1, RW, UPDATE), WRITE, DENYOOM)
        .forward("arscan", -4, key(1, RO, ACCESS), READONLY)
        .forward("arseek", 3, key(1, RW, UPDATE), WRITE, FAST)
        .forward("arset", -4, key(1, RW, UPDATE), WRITE, DENYOOM, FAST)
        .rows();
  }
}
