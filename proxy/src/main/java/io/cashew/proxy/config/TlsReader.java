package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * Reads what a pool says about TLS, and the files that it names: what would keep the proxy from
 * using them is told with file, line and key before it starts. Used by the thread that reads the
 * file.
 */
final class TlsReader {
  static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  private final Section section;
  private final List<Key<?>> keys;
  private final HoconKeys.Tls rows;

  private TlsReader(Section section, HoconKeys.Tls rows, Key<?>... others) {
    this.section = section;
    this.rows = rows;
    keys = new ArrayList<>(rows.all());
    keys.addAll(List.of(others));
  }

  static PoolTls read(Section section, Address listen) {
    Optional<ListenerTls> clients = clients(section);
    if (clients.isPresent() && listen instanceof Address.Unix) {
      section.report(
          HoconKeys.TLS.certificate(),
          "has no use with a unix socket, which does not leave this machine: remove tls");
    }
    return new PoolTls(clients, nodes(section));
  }

  private static Optional<ListenerTls> clients(Section section) {
    TlsReader reader = new TlsReader(section, HoconKeys.TLS, HoconKeys.TLS_CLIENT_AUTH);
    if (!reader.present()) {
      return Optional.empty();
    }
    Optional<TlsSettings> tls = reader.settings(true);
    ClientCertificates asked = section.get(HoconKeys.TLS_CLIENT_AUTH);
    boolean hasCa = section.has(HoconKeys.TLS.ca());
    if (asked != ClientCertificates.NONE && !hasCa) {
      section.report(
          HoconKeys.TLS_CLIENT_AUTH,
          "needs tls.ca, the certificates of whom the certificates of clients come from");
    }
    if (asked == ClientCertificates.NONE && hasCa) {
      section.report(
          HoconKeys.TLS.ca(),
          "has no use while clients are not asked for certificates: write tls.client-auth ="
              + " required, or remove it");
    }
    return tls.map(settings -> new ListenerTls(settings, asked));
  }

  private static Optional<NodeTls> nodes(Section section) {
    TlsReader reader =
        new TlsReader(
            section,
            HoconKeys.NODE_TLS,
            HoconKeys.NODE_TLS_VERIFY_HOSTNAME,
            HoconKeys.NODE_TLS_SERVER_NAME);
    boolean enabled = section.get(HoconKeys.NODE_TLS_ENABLED).orElse(reader.present());
    if (!enabled) {
      return Optional.empty();
    }
    boolean verify = section.get(HoconKeys.NODE_TLS_VERIFY_HOSTNAME);
    Optional<String> name = section.get(HoconKeys.NODE_TLS_SERVER_NAME);
    return reader.settings(false).map(settings -> new NodeTls(settings, verify, name));
  }

  private boolean present() {
    return keys.stream().anyMatch(section::has);
  }

  /** Empty after a problem. */
  private Optional<TlsSettings> settings(boolean identityRequired) {
    Optional<Path> certificate = section.get(rows.certificate());
    Optional<Path> key = section.get(rows.key());
    Optional<Secret> password = section.get(rows.keyPassword());
    Optional<Path> ca = section.get(rows.ca());
    List<String> protocols = names(rows.protocols(), "protocol", PROTOCOLS).orElse(PROTOCOLS);
    List<String> ciphers = names(rows.ciphers(), "cipher suite", knownCiphers()).orElse(List.of());
    boolean paired = true;
    if (certificate.isPresent() != key.isPresent() || (identityRequired && key.isEmpty())) {
      paired = false;
      Key<?> missing = certificate.isEmpty() ? rows.certificate() : rows.key();
      ConfigValue place =
          keys.stream()
              .filter(section::has)
              .findFirst()
              .map(section::placeOf)
              .orElse(section.self());
      section.report(place, missing.name(), "is missing: TLS needs a certificate and its key");
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

  private Optional<List<X509Certificate>> certificates(Key<?> key, Optional<Path> file) {
    try {
      return Optional.of(file.isPresent() ? Pem.certificates(file.get()) : List.of());
    } catch (BadValue wrong) {
      section.report(key, wrong.text());
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

  private Optional<List<String>> names(
      Key<Optional<ConfigList>> key, String what, List<String> known) {
    Optional<ConfigList> list = section.get(key);
    if (list.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    for (ConfigValue value : list.get()) {
      try {
        String name = Kinds.scalar(value, "the name of a " + what);
        if (!known.contains(name)) {
          throw new BadValue(UnknownName.text(what, name, known));
        }
        names.add(name);
      } catch (BadValue wrong) {
        section.report(value, key.name(), wrong.text());
      }
    }
    if (list.get().isEmpty()) {
      section.report(key, "is empty: leave the key out for the default");
    }
    return Optional.of(names);
  }

  private static List<String> knownCiphers() {
    try {
      Set<String> suites =
          Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
      return suites.stream().filter(name -> !name.endsWith("_SCSV")).sorted().toList();
    } catch (NoSuchAlgorithmException none) {
      throw new IllegalStateException("this Java has no TLS", none);
    }
  }
}
