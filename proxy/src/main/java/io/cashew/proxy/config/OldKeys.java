package io.cashew.proxy.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;

/**
 * Keys in the forms that were before PKCS #8: of RSA in PKCS #1, on elliptic curves in SEC 1, also
 * encrypted as OpenSSL did (RFC 1421's headers). The only class that knows Bouncy Castle: nobody
 * else's start loads it. Stateless.
 */
final class OldKeys {
  private OldKeys() {}

  /**
   * The same key in PKCS #8.
   *
   * @param block from its BEGIN to its END
   */
  static PKCS8EncodedKeySpec pkcs8(Path file, String block, Optional<Secret> password)
      throws BadValue {
    try (PEMParser parser = new PEMParser(new StringReader(block))) {
      Object found = parser.readObject();
      if (found instanceof PEMEncryptedKeyPair encrypted) {
        found = decrypted(file, encrypted, password);
      }
      if (found instanceof PEMKeyPair pair) {
        PrivateKeyInfo key = pair.getPrivateKeyInfo();
        if (key.getPrivateKeyAlgorithm().getParameters() == null) {
          throw new BadValue("'" + file + "' has a key that does not name its curve");
        }
        return new PKCS8EncodedKeySpec(key.getEncoded());
      }
    } catch (IOException | RuntimeException wrong) { // of both, whatever stands in the block
      throw new BadValue("'" + file + "' has a key that cannot be read: " + wrong.getMessage());
    }
    throw new BadValue("'" + file + "' has a key that cannot be read");
  }

  private static PEMKeyPair decrypted(
      Path file, PEMEncryptedKeyPair encrypted, Optional<Secret> password)
      throws BadValue, IOException {
    if (password.isEmpty()) {
      throw new BadValue("'" + file + "' is encrypted: write key-password too");
    }
    try {
      return encrypted.decryptKeyPair(
          new BcPEMDecryptorProvider(password.get().value().toCharArray()));
    } catch (PEMException | RuntimeException wrong) {
      throw new BadValue(
          "'"
              + file
              + "' cannot be decrypted: is key-password right? ("
              + wrong.getMessage()
              + ")");
    }
  }
}
