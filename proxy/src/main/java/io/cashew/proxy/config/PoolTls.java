package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.NEW_CLIENTS;
import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;

import java.util.Optional;

/**
 * TLS on the two sides of a pool.
 *
 * @param clients towards clients; empty: plain TCP
 * @param nodes towards nodes; empty: plain TCP
 */
public record PoolTls(Optional<ListenerTls> clients, Optional<NodeTls> nodes) {
  /** Plain TCP on both sides. */
  public static final PoolTls NONE = new PoolTls(Optional.empty(), Optional.empty());

  /** The rows of its settings. */
  public static final Table<PoolTls> TABLE = Table.of(PoolTls::of).readBy(TlsReader::read);

  static final TlsRows<PoolTls> CLIENTS =
      TlsRows.add(
          TABLE,
          new TlsRows.Side(
              "tls",
              NEW_CLIENTS,
              "With it clients must speak TLS: the certificate that they are shown, followed by"
                  + " those between it and the authority (PEM). A relative path begins beside this"
                  + " file. The files are looked at every few seconds: new ones serve new"
                  + " connections.",
              "not set",
              "The certificates of the authorities whose clients are trusted (PEM). Needed with"
                  + " `client-auth`."),
          tls -> tls.clients().map(ListenerTls::tls));
  static final Setting<PoolTls, ClientCertificates> CLIENT_AUTH =
      TABLE.row(
          "tls.client-auth",
          Kinds.choice(ClientCertificates.class),
          "none",
          NEW_CLIENTS,
          tls -> tls.clients().map(ListenerTls::clientCertificates).orElse(ClientCertificates.NONE),
          "Whether clients are asked for certificates: `optional` lets in one that has none,"
              + " `required` does not.");
  static final Setting<PoolTls, Optional<Boolean>> NODES_ENABLED =
      TABLE.add(
          Setting.of(
              "node-tls.enabled",
              Kinds.flag().optional("false"),
              "true where `node-tls` has any key",
              Optional.empty(),
              NEW_CONNECTIONS,
              tls -> tls.nodes().map(nodes -> true),
              "Whether nodes are spoken to over TLS. A node at a unix socket, which does not leave"
                  + " this machine, never is."));
  static final TlsRows<PoolTls> NODES =
      TlsRows.add(
          TABLE,
          new TlsRows.Side(
              "node-tls",
              NEW_CONNECTIONS,
              "What nodes are shown, if they ask for a certificate (PEM).",
              "the authorities that Java trusts",
              "The certificates of the authorities that nodes' certificates come from (PEM)."),
          tls -> tls.nodes().map(NodeTls::tls));
  static final Setting<PoolTls, Boolean> VERIFY_HOSTNAME =
      TABLE.row(
          "node-tls.verify-hostname",
          Kinds.flag(),
          "true",
          NEW_CONNECTIONS,
          tls -> tls.nodes().map(NodeTls::verifyHostname).orElse(true),
          "Whether the certificate of a node must have its name or address. Without it, whoever has"
              + " any certificate of the authority may pass for a node.");
  static final Setting<PoolTls, Optional<String>> SERVER_NAME =
      TABLE.optional(
          "node-tls.server-name",
          Texts.text(),
          "the host of each node",
          NEW_CONNECTIONS,
          tls -> tls.nodes().flatMap(NodeTls::serverName),
          "The name that nodes are asked for (SNI) and that their certificates must have; for nodes"
              + " that are configured by address.");

  private static PoolTls of(Values<PoolTls> from) {
    return new PoolTls(
        from.get(CLIENTS.certificate())
            .map(file -> new ListenerTls(CLIENTS.settings(from), from.get(CLIENT_AUTH))),
        from.get(NODES_ENABLED)
            .filter(enabled -> enabled)
            .map(
                enabled ->
                    new NodeTls(
                        NODES.settings(from), from.get(VERIFY_HOSTNAME), from.get(SERVER_NAME))));
  }
}
