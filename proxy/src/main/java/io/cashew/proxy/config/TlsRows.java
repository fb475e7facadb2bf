package io.cashew.proxy.config;

import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The rows that every side of TLS has, below a section of its own.
 *
 * @param <S> the record that has the side
 */
record TlsRows<S>(
    Setting<S, Optional<Path>> certificate,
    Setting<S, Optional<Path>> key,
    Setting<S, Optional<Secret>> keyPassword,
    Setting<S, Optional<Path>> ca,
    Setting<S, List<String>> protocols,
    Setting<S, List<String>> ciphers) {
  static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  /**
   * What differs between sides.
   *
   * @param section that has the rows
   * @param effect of a reload
   * @param certificate what the certificate is for
   * @param absentCa whom the proxy trusts without one
   * @param ca what the authorities are for
   */
  record Side(
      String section, ReloadEffect effect, String certificate, String absentCa, String ca) {}

  /** Adds the rows of a side to a table. */
  static <S> TlsRows<S> add(Table<S> table, Side side, Function<S, Optional<TlsSettings>> tls) {
    Function<S, Optional<TlsIdentity>> identity =
        record -> tls.apply(record).flatMap(TlsSettings::identity);
    return new TlsRows<>(
        table.optional(
            side.section + ".certificate",
            Texts.file(),
            "not set",
            side.effect,
            record -> identity.apply(record).map(TlsIdentity::certificate),
            side.certificate),
        table.optional(
            side.section + ".key",
            Texts.file(),
            "not set",
            side.effect,
            record -> identity.apply(record).map(TlsIdentity::key),
            "The private key of that certificate as PEM: PKCS #8 (`BEGIN PRIVATE KEY`), or the older"
                + " PKCS #1 and SEC 1 (`BEGIN RSA PRIVATE KEY`, `BEGIN EC PRIVATE KEY`). An RSA key, or"
                + " one on the curves P-256, P-384 and P-521; with RSASSA-PSS, Ed25519 and Ed448"
                + " Java's own TLS is used, since BoringSSL has no signatures of theirs."),
        table.optional(
            side.section + ".key-password",
            Texts.secret(),
            "not set",
            side.effect,
            record -> identity.apply(record).flatMap(TlsIdentity::keyPassword),
            "What the key is encrypted with, if it is (`BEGIN ENCRYPTED PRIVATE KEY`, or `ENCRYPTED`"
                + " in an older form)."),
        table.optional(
            side.section + ".ca",
            Texts.file(),
            side.absentCa,
            side.effect,
            record -> tls.apply(record).flatMap(TlsSettings::ca),
            side.ca),
        table.row(
            side.section + ".protocols",
            names("a list of [TLSv1.2, TLSv1.3]", "protocol", () -> PROTOCOLS),
            "[TLSv1.2, TLSv1.3]",
            side.effect,
            record -> tls.apply(record).map(TlsSettings::protocols).orElse(PROTOCOLS),
            "Versions of TLS. Older ones are broken and cannot be had."),
        table.add(
            Setting.of(
                side.section + ".ciphers",
                names("a list of cipher suites", "cipher suite", TlsRows::knownCiphers),
                "the library's choice",
                List.of(),
                side.effect,
                record -> tls.apply(record).map(TlsSettings::ciphers).orElse(List.of()),
                "Cipher suites by their IANA names, such as `TLS_AES_128_GCM_SHA256`. Best left to"
                    + " the library, which moves with the times.")));
  }

  /** Known names are looked up when one is read: what Java has of TLS takes time to load. */
  private static Kind<List<String>> names(String form, String what, Supplier<List<String>> known) {
    Kind<String> name =
        Kind.of(
            "the name of a " + what,
            value -> {
              String given = Kinds.scalar(value, "the name of a " + what);
              if (!known.get().contains(given)) {
                throw new BadValue(UnknownName.text(what, given, known.get()));
              }
              return given;
            });
    return Kinds.list(form, "is empty: leave the key out for the default", name);
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

  List<Setting<?, ?>> all() {
    return List.of(certificate, key, keyPassword, ca, protocols, ciphers);
  }

  /** A side of these values; they belong together. */
  TlsSettings settings(Values<S> from) {
    return new TlsSettings(
        from.get(certificate)
            .map(file -> new TlsIdentity(file, from.get(key).orElseThrow(), from.get(keyPassword))),
        from.get(ca),
        from.get(protocols),
        from.get(ciphers));
  }
}
