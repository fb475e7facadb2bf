package io.cashew.proxy.config;

/**
 * Limits on clients' connections, beside those of {@link LimitSettings} on what they hold.
 *
 * @param perAddress connections from one address; 0: any number
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis after which a request that has begun and is not complete closes its
 *     client; 0: never
 */
public record ConnectionLimits(int perAddress, long idleMillis, long slowRequestMillis) {
  /** What ships. */
  public static final ConnectionLimits DEFAULT = new ConnectionLimits(0, 0, 60_000);
}
