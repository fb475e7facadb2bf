package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * By what two proxies are seen to run the same configuration: SHA-256 of its canonical text, which
 * is that of {@link HoconWriter}: defaults left out, units and comments alike, whatever form the
 * file had. So that a password cannot be guessed from it, a configuration that has any is put
 * through PBKDF2 (RFC 8018, with HMAC-SHA-256), which makes each guess cost what computing this
 * costs: some ten milliseconds.
 */
public final class ConfigDigest {
  private static final int ROUNDS = 100_000;
  private static final int BITS = 256;

  /** The same everywhere, since proxies are compared; what is hashed is far from a word. */
  private static final byte[] SALT = "cashew configuration".getBytes(UTF_8);

  private ConfigDigest() {}

  /** The digest: 64 hexadecimal digits. */
  public static String of(Settings settings) {
    String text = HoconWriter.write(settings);
    try {
      byte[] digest =
          text.equals(HoconWriter.writeWithoutSecrets(settings))
              ? MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8))
              : SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                  .generateSecret(new PBEKeySpec(text.toCharArray(), SALT, ROUNDS, BITS))
                  .getEncoded();
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException everyJavaHasThem) {
      throw new IllegalStateException(everyJavaHasThem);
    }
  }
}
