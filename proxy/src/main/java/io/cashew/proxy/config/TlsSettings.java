package io.cashew.proxy.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What both ends of the proxy have to say about TLS.
 *
 * @param identity what the proxy shows; empty only towards nodes: nothing
 * @param ca file of the certificates of whom the proxy trusts; empty: towards nodes the authorities
 *     that Java trusts, towards clients nobody
 * @param protocols as Java names them, {@code TLSv1.2 TLSv1.3}; at least one
 * @param ciphers as the IANA registry names them; empty: the library's choice
 */
public record TlsSettings(
    Optional<TlsIdentity> identity,
    Optional<Path> ca,
    List<String> protocols,
    List<String> ciphers) {

  public TlsSettings {
    protocols = List.copyOf(protocols);
    ciphers = List.copyOf(ciphers);
  }

  /** Every file that is read, each once. */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    identity.ifPresent(
        shown -> {
          files.add(shown.certificate());
          files.add(shown.key());
        });
    ca.ifPresent(files::add);
    return files.stream().distinct().toList();
  }

  /**
   * Reads the files.
   *
   * @throws IOException if one cannot be read or is not what it must be; the message names it
   */
  public TlsMaterial load() throws IOException {
    try {
      return TlsMaterial.read(this);
    } catch (BadValue wrong) {
      throw new IOException(wrong.text());
    }
  }
}
