package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.HYPERLOGLOG;
import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.Property.MAY_REPLICATE;

import java.util.List;

/** The rows of Redis's group "hyperloglog". */
final class HyperLogLogCommands {
  private HyperLogLogCommands() {}

  static List<Command> rows() {
    return new CommandFamily("hyperloglog", HYPERLOGLOG)
        .forward("pfadd", -2, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("pfcount", -2, keys(1, -1, 1, RW, ACCESS), READONLY)
        .and(MAY_REPLICATE)
        .admin("pfdebug", 3, key(2, RW, ACCESS), WRITE, DENYOOM, ADMIN)
        .forward("pfmerge", -2, all(key(1, RW, ACCESS, INSERT), keys(2, -1, 1, RO, ACCESS)))
        .and(WRITE, DENYOOM)
        .admin("pfselftest", 1, none(), ADMIN)
        .rows();
  }
}
