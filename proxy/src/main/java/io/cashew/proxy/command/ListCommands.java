package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.LIST;
import static io.cashew.proxy.command.BlocksFor.seconds;
import static io.cashew.proxy.command.CommandFlag.BLOCKING;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.CountErrors.POP;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.numkeys;

import java.util.List;

/** The rows of Redis's group "list". */
final class ListCommands {
  private ListCommands() {}

  static List<Command> rows() {
    return new CommandFamily("list", LIST)
        .blocking("blmove", 6, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)))
        .and(seconds(5), WRITE, DENYOOM, NOSCRIPT, BLOCKING)
        .blocking("blmovem", -6, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)))
        .and(seconds(5), WRITE, DENYOOM, BLOCKING)
        .blocking("blmpop", -5, numkeys(2, 1, POP, RW, ACCESS, DELETE), seconds(1), WRITE, BLOCKING)
        .blocking(
            "blpop", -3, keys(1, -2, 1, RW, ACCESS, DELETE), seconds(-1), WRITE, NOSCRIPT, BLOCKING)
        .blocking(
            "brpop", -3, keys(1, -2, 1, RW, ACCESS, DELETE), seconds(-1), WRITE, NOSCRIPT, BLOCKING)
        .blocking("brpoplpush", 4, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)))
        .and(seconds(3), WRITE, DENYOOM, NOSCRIPT, BLOCKING)
        .forward("lindex", 3, key(1, RO, ACCESS), READONLY)
        .forward("linsert", 5, key(1, RW, INSERT), WRITE, DENYOOM)
        .forward("llen", 2, key(1, RO), READONLY, FAST)
        .forward("lmove", 5, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)), WRITE, DENYOOM)
        .forward("lmovem", -5, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)), WRITE, DENYOOM)
        .forward("lmpop", -4, numkeys(1, 1, POP, RW, ACCESS, DELETE), WRITE)
        .forward("lpop", -2, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("lpos", -3, key(1, RO, ACCESS), READONLY)
        .forward("lpush", -3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("lpushx", -3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("lrange", 4, key(1, RO, ACCESS), READONLY)
        .forward("lrem", 4, key(1, RW, DELETE), WRITE)
        .forward("lset", 4, key(1, RW, UPDATE), WRITE, DENYOOM)
        .forward("ltrim", 4, key(1, RW, DELETE), WRITE)
        .forward("rpop", -2, key(1, RW, ACCESS, DELETE), WRITE, FAST)
        .forward("rpoplpush", 3, all(key(1, RW, ACCESS, DELETE), key(2, RW, INSERT)))
        .and(WRITE, DENYOOM)
        .forward("rpush", -3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .forward("rpushx", -3, key(1, RW, INSERT), WRITE, DENYOOM, FAST)
        .rows();
  }
}
