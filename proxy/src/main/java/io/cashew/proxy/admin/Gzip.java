package io.cashew.proxy.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Compresses replies for those who ask for it: what metrics repeat is most of them. */
final class Gzip {
  /** What is shorter gains nothing. */
  private static final int LEAST_BYTES = 1024;

  private Gzip() {}

  /**
   * The reply as the header {@code Accept-Encoding} of its request wants it (RFC 9110, 12.5.3):
   * gzip where that is named, or {@code *}, and not with a weight of 0.
   */
  static AdminReply ifAsked(AdminRequest request, AdminReply reply) {
    Map<String, String> varies = Map.of("vary", "accept, accept-encoding");
    if (reply.body().length < LEAST_BYTES || !isAsked(request.header("accept-encoding"))) {
      return reply.with(varies);
    }
    return AdminReply.of(reply.status(), reply.contentType(), compressed(reply.body()))
        .with(reply.headers())
        .with(varies)
        .with(Map.of("content-encoding", "gzip"));
  }

  static boolean isAsked(String acceptEncoding) {
    boolean any = false;
    for (String each : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = each.strip().split("\\s*;\\s*", -1);
      boolean wanted = parts.length < 2 || !parts[1].matches("q=0(\\.0*)?");
      if (parts[0].equals("gzip") || parts[0].equals("x-gzip")) {
        return wanted;
      }
      any |= parts[0].equals("*") && wanted;
    }
    return any;
  }

  static byte[] compressed(byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 8);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(body);
    } catch (IOException impossible) {
      throw new UncheckedIOException("compression in memory", impossible);
    }
    return bytes.toByteArray();
  }
}
