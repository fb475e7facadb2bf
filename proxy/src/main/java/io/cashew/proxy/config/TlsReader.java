package io.cashew.proxy.config;

import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a pool says about TLS, and the files that it names: what would keep the proxy from
 * using them is told with file, line and key before it starts. Used by the thread that reads the
 * file.
 */
final class TlsReader {
  private final Section section;
  private final List<Setting<?, ?>> settings;
  private final TlsRows<?> rows;

  private TlsReader(Section section, TlsRows<?> rows, Setting<?, ?>... others) {
    this.section = section;
    this.rows = rows;
    settings = new ArrayList<>(rows.all());
    settings.addAll(List.of(others));
  }

  static PoolTls read(Section section) {
    return new PoolTls(clients(section), nodes(section));
  }

  private static Optional<ListenerTls> clients(Section section) {
    TlsReader reader = new TlsReader(section, PoolTls.CLIENTS, PoolTls.CLIENT_AUTH);
    if (!reader.present()) {
      return Optional.empty();
    }
    Optional<TlsSettings> tls = reader.settings(true);
    ClientCertificates asked = section.get(PoolTls.CLIENT_AUTH);
    boolean hasCa = section.has(PoolTls.CLIENTS.ca());
    if (asked != ClientCertificates.NONE && !hasCa) {
      section.report(
          PoolTls.CLIENT_AUTH,
          "needs tls.ca, the certificates of whom the certificates of clients come from");
    }
    if (asked == ClientCertificates.NONE && hasCa) {
      section.report(
          PoolTls.CLIENTS.ca(),
          "has no use while clients are not asked for certificates: write tls.client-auth ="
              + " required, or remove it");
    }
    return tls.map(settings -> new ListenerTls(settings, asked));
  }

  private static Optional<NodeTls> nodes(Section section) {
    return ofServers(
        section,
        PoolTls.NODES,
        PoolTls.NODES_ENABLED,
        PoolTls.VERIFY_HOSTNAME,
        PoolTls.SERVER_NAME);
  }

  /** What a pool says about its Sentinels. */
  static SentinelSettings readSentinels(Section section) {
    return new SentinelSettings(
        section.get(SentinelSettings.ADDRESSES),
        section.get(SentinelSettings.USERNAME),
        section.get(SentinelSettings.PASSWORD),
        ofServers(
            section,
            SentinelSettings.TLS,
            SentinelSettings.TLS_ENABLED,
            SentinelSettings.VERIFY_HOSTNAME,
            SentinelSettings.SERVER_NAME));
  }

  private static Optional<NodeTls> ofServers(
      Section section,
      TlsRows<?> rows,
      Setting<?, Optional<Boolean>> isOn,
      Setting<?, Boolean> verifiesHostname,
      Setting<?, Optional<String>> serverName) {
    TlsReader reader = new TlsReader(section, rows, verifiesHostname, serverName);
    boolean enabled = section.get(isOn).orElse(reader.present());
    if (!enabled) {
      return Optional.empty();
    }
    boolean verify = section.get(verifiesHostname);
    Optional<String> name = section.get(serverName);
    return reader.settings(false).map(settings -> new NodeTls(settings, verify, name));
  }

  private boolean present() {
    return settings.stream().anyMatch(section::has);
  }

  /** Empty after a problem. */
  private Optional<TlsSettings> settings(boolean identityRequired) {
    Optional<Path> certificate = section.get(rows.certificate());
    Optional<Path> key = section.get(rows.key());
    Optional<Secret> password = section.get(rows.keyPassword());
    Optional<Path> ca = section.get(rows.ca());
    List<String> protocols = section.get(rows.protocols());
    List<String> ciphers = section.get(rows.ciphers());
    boolean paired = true;
    if (certificate.isPresent() != key.isPresent() || (identityRequired && key.isEmpty())) {
      paired = false;
      Setting<?, ?> missing = certificate.isEmpty() ? rows.certificate() : rows.key();
      ConfigValue place =
          settings.stream()
              .filter(section::has)
              .findFirst()
              .map(section::placeOf)
              .orElse(section.self());
      section.report(place, missing.key(), "is missing: TLS needs a certificate and its key");
    } else if (key.isEmpty() && password.isPresent()) {
      section.report(rows.keyPassword(), "has no use without a key");
    }
    boolean readable = certificates(rows.ca(), ca).isPresent();
    if (!paired) {
      return Optional.empty();
    }
    Optional<TlsIdentity> identity =
        certificate.map(file -> new TlsIdentity(file, key.orElseThrow(), password));
    readable &= identity.isEmpty() || identityIsSound(identity.get());
    return readable
        ? Optional.of(new TlsSettings(identity, ca, protocols, ciphers))
        : Optional.empty();
  }

  private Optional<List<X509Certificate>> certificates(Setting<?, ?> setting, Optional<Path> file) {
    try {
      return Optional.of(file.isPresent() ? Pem.certificates(file.get()) : List.of());
    } catch (BadValue wrong) {
      section.report(setting, wrong.text());
      return Optional.empty();
    }
  }

  private boolean identityIsSound(TlsIdentity identity) {
    Optional<List<X509Certificate>> chain =
        certificates(rows.certificate(), Optional.of(identity.certificate()));
    try {
      PrivateKey key = Pem.privateKey(identity.key(), identity.keyPassword());
      if (chain.isPresent()) {
        Pem.requireMatch(key, chain.get().get(0), identity);
      }
      return chain.isPresent();
    } catch (BadValue wrong) {
      section.report(rows.key(), wrong.text());
      return false;
    }
  }
}
