package io.cashew.proxy.resp;

/**
 * Bytes that are not RESP. Expected, so it carries no stack trace; the message is what Redis says,
 * without {@code -ERR}.
 */
public class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the bytes. */
  public enum Fault {
    /** They are not of the form that RESP has. */
    MALFORMED,
    /** They may be well-formed, and are beyond a limit. */
    TOO_LARGE,
    /** They are of another protocol, such as HTTP. */
    FOREIGN
  }

  private final Fault fault;

  /** An error that says {@code message} of malformed bytes. */
  public ProtocolException(String message) {
    this(message, Fault.MALFORMED);
  }

  /** An error that says {@code message}. */
  public ProtocolException(String message, Fault fault) {
    super(message, null, false, false);
    this.fault = fault;
  }

  /** What is wrong. */
  public final Fault fault() {
    return fault;
  }
}
