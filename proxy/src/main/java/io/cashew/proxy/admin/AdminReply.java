package io.cashew.proxy.admin;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a handler answers; immutable. */
public final class AdminReply {

  private static final String PLAIN = "text/plain; charset=utf-8";

  private final int status;
  private final String contentType;
  private final byte[] body;

  private final Map<String, String> headers;

  private AdminReply(int status, String contentType, byte[] body, Map<String, String> headers) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status " + status + " is not one of a last reply");
    }
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.headers = headers;
  }

  /**
   * A reply of any type.
   *
   * @param status of HTTP, 200 to 599
   * @param body takes ownership: the caller no longer writes to it
   * @throws IllegalArgumentException if the status is not in that range
   */
  public static AdminReply of(int status, String contentType, byte[] body) {
    return new AdminReply(status, contentType, body, Map.of());
  }

  /** A reply of plain text; a last line end is added. */
  public static AdminReply text(int status, String text) {
    return of(status, PLAIN, (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The first line of a text. */
  String firstLine() {
    return new String(body, StandardCharsets.UTF_8).lines().findFirst().orElse("");
  }

  /** The same reply with these headers besides, or instead of those of the same names. */
  AdminReply with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new AdminReply(status, contentType, body, Map.copyOf(all));
  }

  int status() {
    return status;
  }

  /** Those besides the type and the length of the body; names in lower case. */
  Map<String, String> headers() {
    return headers;
  }

  String contentType() {
    return contentType;
  }

  /** Borrowed: not to be written to. */
  byte[] body() {
    return body;
  }
}
