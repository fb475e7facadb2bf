package io.cashew.proxy.admin;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A file of the console, as it is in the program. Read anew for each request: it is a few
 * kilobytes, for a person who opens a page, and a proxy whose console nobody opens holds nothing of
 * it.
 *
 * @param path where it is served
 * @param name of the resource, beside this class's package in {@code console/}
 * @param contentType its type
 */
record ConsoleFile(String path, String name, String contentType) {

  /**
   * What a browser may do with it: use what comes from this address and nothing else, make no text
   * into markup or script (Content Security Policy Level 3, Trusted Types), show it in no other
   * page, and ask each time whether it is still the same.
   */
  private static final Map<String, String> HEADERS =
      Map.of(
          "content-security-policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
              + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
              + " require-trusted-types-for 'script'; trusted-types 'none'",
          "x-frame-options",
          "DENY",
          "referrer-policy",
          "no-referrer",
          "cross-origin-opener-policy",
          "same-origin",
          "cross-origin-resource-policy",
          "same-origin",
          "cache-control",
          "no-cache");

  /** The file, or 304 if the browser has it already. */
  AdminReply reply(AdminRequest request) throws IOException {
    byte[] body = read();
    String tag = tag(body);
    boolean isKnown = request.header("if-none-match").contains(tag);
    // The codec leaves the body out where the status is 304; the length says what it would be.
    return AdminReply.of(isKnown ? 304 : 200, contentType, body)
        .with(HEADERS)
        .with(Map.of("etag", tag));
  }

  private byte[] read() throws IOException {
    try (InputStream in = ConsoleFile.class.getResourceAsStream("console/" + name)) {
      if (in == null) {
        throw new IOException("the program has no resource console/" + name + ": build it again");
      }
      return in.readAllBytes();
    }
  }

  /** An entity tag (RFC 9110, 8.8.3): the beginning of the SHA-256 of the file. */
  private static String tag(byte[] body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
      return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
