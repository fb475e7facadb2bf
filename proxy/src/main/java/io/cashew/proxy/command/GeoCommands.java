package io.cashew.proxy.command;

import static io.cashew.proxy.command.AclCategory.GEO;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keyword;

import java.util.List;

/** The rows of Redis's group "geo". */
final class GeoCommands {
  private GeoCommands() {}

  static List<Command> rows() {
    return new CommandFamily("geo", GEO)
        .forward("geoadd", -5, key(1, RW, UPDATE), WRITE, DENYOOM)
        .forward("geodist", -4, key(1, RO, ACCESS), READONLY)
        .forward("geohash", -2, key(1, RO, ACCESS), READONLY)
        .forward("geopos", -2, key(1, RO, ACCESS), READONLY)
        .forward(
            "georadius",
            -6,
            all(
                key(1, RO, ACCESS),
                keyword("STORE", 6, 1, OW, UPDATE),
                keyword("STOREDIST", 6, 1, OW, UPDATE)))
        .and(WRITE, DENYOOM)
        .forward("georadius_ro", -6, key(1, RO, ACCESS), READONLY)
        .forward(
            "georadiusbymember",
            -5,
            all(
                key(1, RO, ACCESS),
                keyword("STORE", 5, 1, OW, UPDATE),
                keyword("STOREDIST", 5, 1, OW, UPDATE)))
        .and(WRITE, DENYOOM)
        .forward("georadiusbymember_ro", -5, key(1, RO, ACCESS), READONLY)
        .forward("geosearch", -7, key(1, RO, ACCESS), READONLY)
        .forward("geosearchstore", -8, all(key(1, OW, UPDATE), key(2, RO, ACCESS)), WRITE, DENYOOM)
        .rows();
  }
}
