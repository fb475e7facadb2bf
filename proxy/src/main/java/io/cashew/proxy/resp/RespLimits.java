package io.cashew.proxy.resp;

/**
 * Limits of a client's requests.
 *
 * @param bulkLength longest argument, in bytes: {@link #LEAST} to 2<sup>31</sup> - 1
 * @param arguments most arguments of a request, at least {@link #LEAST}
 */
public record RespLimits(long bulkLength, int arguments) {

  /** Counts and lengths of one digit are always granted: they are read without a look at limits. */
  public static final int LEAST = 9;

  /** What Redis grants a client that has not authenticated. */
  public static final RespLimits BEFORE_AUTH = new RespLimits(16 << 10, 10);

  /** What Redis ships: {@code proto-max-bulk-len}, and 1,048,576 arguments. */
  public static final RespLimits DEFAULT = new RespLimits(512L << 20, 1 << 20);

  /**
   * Limits within what the decoder can count.
   *
   * @throws IllegalArgumentException if one is not
   */
  public RespLimits {
    if (bulkLength < LEAST || bulkLength > Integer.MAX_VALUE || arguments < LEAST) {
      throw new IllegalArgumentException(
          "limits out of range: arguments of up to "
              + bulkLength
              + " bytes (9 to 2147483647), "
              + arguments
              + " of them (at least 9)");
    }
  }
}
