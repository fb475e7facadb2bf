package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;

/**
 * Keys in forms other than plain PKCS #8: of RSA in PKCS #1, on elliptic curves in SEC 1, both also
 * encrypted as OpenSSL did (RFC 1421's headers), and encrypted PKCS #8 with any cipher that OpenSSL
 * offers. The only class that knows Bouncy Castle: nobody else's start loads it. Stateless.
 */
final class KeyForms {
  private KeyForms() {}

  /**
   * A key of PKCS #1 or SEC 1 in PKCS #8.
   *
   * @param block from its BEGIN to its END
   */
  static PKCS8EncodedKeySpec older(Path file, String block, Optional<Secret> password)
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
    char[] chars = bytesOf(required(file, password));
    try {
      return encrypted.decryptKeyPair(new BcPEMDecryptorProvider(chars));
    } catch (PEMException | RuntimeException wrong) {
      throw cannotBeDecrypted(file, wrong);
    }
  }

  /**
   * Decrypts a key.
   *
   * @param bytes of an EncryptedPrivateKeyInfo (RFC 5958)
   */
  static PKCS8EncodedKeySpec decrypted(Path file, byte[] bytes, Optional<Secret> password)
      throws BadValue {
    char[] chars = required(file, password);
    PKCS8EncryptedPrivateKeyInfo key;
    try {
      key = new PKCS8EncryptedPrivateKeyInfo(bytes);
    } catch (IOException | RuntimeException wrong) { // of both, whatever stands in the block
      throw new BadValue("'" + file + "' has a key that cannot be read: " + wrong.getMessage());
    }
    InputDecryptorProvider decryptors =
        new JcePKCSPBEInputDecryptorProviderBuilder()
            .setProvider(new BouncyCastleProvider())
            .build(chars);
    try {
      return new PKCS8EncodedKeySpec(key.decryptPrivateKeyInfo(decryptors).getEncoded());
    } catch (PKCSException | IOException | RuntimeException wrong) {
      if (wrong.getCause() instanceof OperatorCreationException) {
        throw new BadValue(
            "'"
                + file
                + "' is encrypted in a way that is not known here: write it anew with"
                + " 'openssl pkcs8 -topk8 -v2 aes-256-cbc' ("
                + wrong.getMessage()
                + ")");
      }
      throw cannotBeDecrypted(file, wrong);
    }
  }

  private static char[] required(Path file, Optional<Secret> password) throws BadValue {
    if (password.isEmpty()) {
      throw new BadValue("'" + file + "' is encrypted: write key-password too");
    }
    return password.get().value().toCharArray();
  }

  /** A character for each byte of the UTF-8, since of each only the lower eight bits are taken. */
  private static char[] bytesOf(char[] password) {
    return new String(new String(password).getBytes(UTF_8), ISO_8859_1).toCharArray();
  }

  private static BadValue cannotBeDecrypted(Path file, Exception wrong) {
    return new BadValue(
        "'" + file + "' cannot be decrypted: is key-password right? (" + wrong.getMessage() + ")");
  }
}
