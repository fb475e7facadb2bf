package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.BITMAP;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeyFlag.VARIABLE_FLAGS;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;

import java.util.List;

/** The rows of Redis's group "bitmap". */
final class BitmapCommands {
  private BitmapCommands() {}

  static List<Command> rows() {
    return new CommandFamily("bitmap", BITMAP)
        .forward("bitcount", -2, key(1, RO, ACCESS), READONLY)
        .forward("bitfield", -2, key(1, RW, ACCESS, UPDATE, VARIABLE_FLAGS), WRITE, DENYOOM)
        .forward("bitfield_ro", -2, key(1, RO, ACCESS), READONLY, FAST)
        .forward("bitop", -4, all(key(2, OW, UPDATE), keys(3, -1, 1, RO, ACCESS)), WRITE, DENYOOM)
        .forward("bitpos", -3, key(1, RO, ACCESS), READONLY)
        .forward("getbit", 3, key(1, RO, ACCESS), READONLY, FAST)
        .forward("setbit", 4, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM)
        .rows();
  }
}
