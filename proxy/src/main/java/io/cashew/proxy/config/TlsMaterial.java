package io.cashew.proxy.config;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What the files of {@link TlsSettings} hold.
 *
 * @param key of the first certificate of {@code chain}; empty: there is no identity
 * @param chain the proxy's certificate first
 * @param authorities whom the proxy trusts; empty: none are named
 */
public record TlsMaterial(
    Optional<PrivateKey> key, List<X509Certificate> chain, List<X509Certificate> authorities) {

  public TlsMaterial {
    chain = List.copyOf(chain);
    authorities = List.copyOf(authorities);
  }

  static TlsMaterial read(TlsSettings settings) throws BadValue {
    List<X509Certificate> authorities =
        settings.ca().isPresent() ? Pem.certificates(settings.ca().get()) : List.of();
    if (settings.identity().isEmpty()) {
      return new TlsMaterial(Optional.empty(), List.of(), authorities);
    }
    TlsIdentity identity = settings.identity().get();
    List<X509Certificate> chain = Pem.certificates(identity.certificate());
    PrivateKey key = Pem.privateKey(identity.key(), identity.keyPassword());
    Pem.requireMatch(key, chain.get(0), identity);
    return new TlsMaterial(Optional.of(key), chain, authorities);
  }
}
