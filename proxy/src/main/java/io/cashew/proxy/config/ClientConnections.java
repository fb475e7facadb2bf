package io.cashew.proxy.config;

/**
 * The connections of clients: how they are accepted, and when they are closed. What clients may
 * leave in the proxy is in {@link LimitSettings}.
 *
 * @param backlog of listen(2)
 * @param keepaliveSeconds of silence before the kernel asks whether a client is still there; 0:
 *     never
 * @param perAddress connections from one address; 0: any number
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis after which a request that has begun and is not complete closes its
 *     client; 0: never
 * @param failedAuthenticationDelayMillis for which the answer to a wrong password is kept back at
 *     most, where many came from one address; 0: never
 */
public record ClientConnections(
    int backlog,
    int keepaliveSeconds,
    int perAddress,
    long idleMillis,
    long slowRequestMillis,
    long failedAuthenticationDelayMillis) {
  /** What ships. */
  public static final ClientConnections DEFAULT =
      new ClientConnections(512, Keepalives.DEFAULT_SECONDS, 0, 0, 60_000, 1000);
}
