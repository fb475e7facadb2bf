package io.cashew.proxy.resp;

/**
 * Limits of a client's requests.
 *
 * @param bulkLength longest argument, in bytes
 * @param arguments most arguments of a request
 */
public record RespLimits(long bulkLength, int arguments) {

  /** What Redis grants a client that has not authenticated. */
  public static final RespLimits BEFORE_AUTH = new RespLimits(16 << 10, 10);

  /** What Redis ships: {@code proto-max-bulk-len}, and 1,048,576 arguments. */
  public static final RespLimits DEFAULT = new RespLimits(512L << 20, 1 << 20);
}
