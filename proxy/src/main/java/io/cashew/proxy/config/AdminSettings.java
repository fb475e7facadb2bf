package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.RESTART;

import java.util.Optional;

/**
 * The admin address.
 *
 * @param listen where HTTP is served; empty: nowhere
 * @param token that requests must have; empty: none
 */
public record AdminSettings(Optional<Address> listen, Optional<Secret> token) {

  /** The rows of its settings. */
  public static final Table<AdminSettings> TABLE = Table.of(AdminSettings::new);

  public static final Setting<AdminSettings, Optional<Address>> LISTEN =
      TABLE.row(
          "admin.listen",
          Texts.tcpListenerOrOff(),
          "\"127.0.0.1:22222\"",
          RESTART,
          AdminSettings::listen,
          "Where metrics, health, reload and the console are served over HTTP. Elsewhere than on"
              + " this machine it needs a token.");

  public static final Setting<AdminSettings, Optional<Secret>> TOKEN =
      TABLE.optional(
          "admin.token",
          Texts.secret(),
          "not set",
          AT_ONCE,
          AdminSettings::token,
          "What requests to the admin address must have: `Authorization: Bearer TOKEN`. `/healthz`"
              + " and `/readyz` need none, since those who balance load cannot send it; the page of"
              + " the console asks for it.");

  static final Setting<AdminSettings, Boolean> PROTECTED_MODE =
      TABLE.add(
          Setting.<AdminSettings, Boolean>of(
                  "admin.protected-mode",
                  Kinds.flag(),
                  "true",
                  true,
                  AT_ONCE,
                  admin -> !admin.isOpenDoor(),
                  "Whether the admin address without a token may be on this machine only. `false` is for a"
                      + " network that only trusted machines reach.")
              .forTheFileOnly());

  /** What ships. */
  public static final AdminSettings DEFAULT = TABLE.standard();

  static {
    TABLE.rule(AdminSettings::refuseOpenDoor);
  }

  private AdminSettings(Values<AdminSettings> from) {
    this(from.get(LISTEN), from.get(TOKEN));
  }

  private boolean isOpenDoor() {
    return token.isEmpty() && listen.map(Exposure::of).equals(Optional.of(Exposure.OTHER_MACHINES));
  }

  private static void refuseOpenDoor(AdminSettings admin, Section root) {
    if (root.get(PROTECTED_MODE) && admin.isOpenDoor()) {
      root.report(
          LISTEN,
          "'"
              + admin.listen.orElseThrow().text()
              + "' can be reached by other machines, and anybody may use it: write admin.token too,"
              + " or listen on 127.0.0.1, or write admin.protected-mode = false if only trusted"
              + " machines reach it");
    }
  }
}
