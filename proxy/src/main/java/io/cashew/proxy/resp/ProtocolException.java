package io.cashew.proxy.resp;

/**
 * Bytes that are not RESP. Expected, so it carries no stack trace; the message is what Redis says,
 * without {@code -ERR}.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error that says {@code message}. */
  public ProtocolException(String message) {
    super(message, null, false, false);
  }
}
