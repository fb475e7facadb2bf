package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import java.util.List;
import java.util.Optional;

/**
 * The Sentinels of a pool, and how they are spoken to.
 *
 * @param addresses of some of them: they tell of the others; empty: the pool has none
 * @param username for {@code AUTH username password}; empty: only the password is sent
 * @param password empty: nothing is sent
 * @param tls empty: plain TCP
 */
public record SentinelSettings(
    List<Address> addresses,
    Optional<String> username,
    Optional<Secret> password,
    Optional<NodeTls> tls) {

  /** The rows of its settings. */
  public static final Table<SentinelSettings> TABLE =
      Table.of(SentinelSettings::of).readBy(TlsReader::readSentinels);

  public static final Setting<SentinelSettings, List<Address>> ADDRESSES =
      TABLE.add(
          Setting.of(
              "sentinel.addresses",
              Kinds.list(
                  "a list of addresses: [ \"10.0.0.9:26379\", \"10.0.0.10:26379\" ]",
                  "is empty: leave the key out, or name a Sentinel",
                  Texts.node()),
              "[]",
              List.of(),
              AT_ONCE,
              SentinelSettings::addresses,
              "The Sentinels that nodes with `master` are looked for at. They tell of others, which"
                  + " are asked too; who is primary is what most of all of them say, whether they"
                  + " answer or not. Best all of them: one that is away at the start cannot tell."));
  public static final Setting<SentinelSettings, Optional<String>> USERNAME =
      TABLE.optional(
          "sentinel.username",
          Texts.textOrNone(),
          "not set",
          AT_ONCE,
          SentinelSettings::username,
          "The user of the Sentinels' access control list. Without it only the password is sent.");
  public static final Setting<SentinelSettings, Optional<Secret>> PASSWORD =
      TABLE.optional(
          "sentinel.password",
          Texts.secretOrNone(),
          "not set",
          AT_ONCE,
          SentinelSettings::password,
          "The password of the Sentinels. That of the nodes is never sent to them.");
  static final Setting<SentinelSettings, Optional<Boolean>> TLS_ENABLED =
      TABLE.add(
          Setting.of(
              "sentinel.tls.enabled",
              Kinds.flag().optional("false"),
              "true where `sentinel.tls` has any key",
              Optional.empty(),
              AT_ONCE,
              sentinel -> sentinel.tls().map(tls -> true),
              "Whether Sentinels are spoken to over TLS."));
  static final TlsRows<SentinelSettings> TLS =
      TlsRows.add(
          TABLE,
          new TlsRows.Side(
              "sentinel.tls",
              AT_ONCE,
              "What Sentinels are shown, if they ask for a certificate (PEM).",
              "the authorities that Java trusts",
              "The certificates of the authorities that Sentinels' certificates come from (PEM)."),
          sentinel -> sentinel.tls().map(NodeTls::tls));
  static final Setting<SentinelSettings, Boolean> VERIFY_HOSTNAME =
      TABLE.row(
          "sentinel.tls.verify-hostname",
          Kinds.flag(),
          "true",
          AT_ONCE,
          sentinel -> sentinel.tls().map(NodeTls::verifyHostname).orElse(true),
          "Whether the certificate of a Sentinel must have its name or address. Sentinels tell of"
              + " each other by address, unless they are told to announce their names.");
  static final Setting<SentinelSettings, Optional<String>> SERVER_NAME =
      TABLE.optional(
          "sentinel.tls.server-name",
          Texts.text(),
          "the host of each Sentinel",
          AT_ONCE,
          sentinel -> sentinel.tls().flatMap(NodeTls::serverName),
          "The name that Sentinels are asked for (SNI) and that their certificates must have.");

  static {
    TABLE.rule(SentinelSettings::refuseUserWithoutPassword);
  }

  public SentinelSettings {
    addresses = List.copyOf(addresses);
    username = username.filter(text -> !text.isEmpty());
    password = password.filter(secret -> !secret.value().isEmpty());
  }

  private static SentinelSettings of(Values<SentinelSettings> from) {
    return new SentinelSettings(
        from.get(ADDRESSES),
        from.get(USERNAME),
        from.get(PASSWORD),
        from.get(TLS_ENABLED)
            .filter(enabled -> enabled)
            .map(
                enabled ->
                    new NodeTls(
                        TLS.settings(from), from.get(VERIFY_HOSTNAME), from.get(SERVER_NAME))));
  }

  private static void refuseUserWithoutPassword(SentinelSettings sentinel, Section pool) {
    if (sentinel.username().isPresent() && sentinel.password().isEmpty()) {
      pool.report(USERNAME, "needs sentinel.password: a user logs in with one");
    }
  }
}
