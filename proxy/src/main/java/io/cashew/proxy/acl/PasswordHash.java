package io.cashew.proxy.acl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Passwords, of which nothing but SHA-256 is kept: 64 digits, as Redis prints them. */
final class PasswordHash {
  private static final int DIGITS = 64;

  private PasswordHash() {}

  static String of(String password) {
    return of(password.getBytes(StandardCharsets.UTF_8));
  }

  static String of(byte[] password) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(password));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Whether it has the form of a hash: lower-case hexadecimal digits. */
  static boolean isHash(String text) {
    return text.length() == DIGITS
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  /** Looks at all of the hashes, whichever is the right one, each in constant time. */
  static boolean isAnyOf(byte[] password, List<String> hashes) {
    byte[] given = of(password).getBytes(StandardCharsets.US_ASCII);
    boolean any = false;
    for (String hash : hashes) {
      any |= MessageDigest.isEqual(given, hash.getBytes(StandardCharsets.US_ASCII));
    }
    return any;
  }
}
