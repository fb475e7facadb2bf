package io.cashew.proxy.admin;

import java.nio.charset.StandardCharsets;

/** What a handler answers; immutable. */
public final class AdminReply {

  private static final String PLAIN = "text/plain; charset=utf-8";

  private final int status;
  private final String contentType;
  private final byte[] body;

  private AdminReply(int status, String contentType, byte[] body) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status " + status + " is not one of a last reply");
    }
    this.status = status;
    this.contentType = contentType;
    this.body = body;
  }

  /**
   * A reply of any type.
   *
   * @param status of HTTP, 200 to 599
   * @param body takes ownership: the caller no longer writes to it
   * @throws IllegalArgumentException if the status is not in that range
   */
  public static AdminReply of(int status, String contentType, byte[] body) {
    return new AdminReply(status, contentType, body);
  }

  /** A reply of plain text; a last line end is added. */
  public static AdminReply text(int status, String text) {
    return new AdminReply(status, PLAIN, (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  int status() {
    return status;
  }

  String contentType() {
    return contentType;
  }

  /** Borrowed: not to be written to. */
  byte[] body() {
    return body;
  }
}
