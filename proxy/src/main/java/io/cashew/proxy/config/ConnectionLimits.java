package io.cashew.proxy.config;

/**
 * Limits on clients' connections, beside those of {@link LimitSettings} on what they hold.
 *
 * @param perAddress connections from one address; 0: any number
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis after which a request that has begun and is not complete closes its
 *     client; 0: never
 * @param failedAuthenticationDelayMillis for which the answer to a wrong password is kept back at
 *     most, where many came from one address; 0: never
 */
public record ConnectionLimits(
    int perAddress, long idleMillis, long slowRequestMillis, long failedAuthenticationDelayMillis) {
  /** What ships. */
  public static final ConnectionLimits DEFAULT = new ConnectionLimits(0, 0, 60_000, 1000);
}
