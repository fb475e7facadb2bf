package io.cashew.proxy.config;

/**
 * Limits of a pool: each is checked before memory is taken.
 *
 * @param clients most client connections of the pool; 0: as many as file descriptors allow
 * @param inFlightPerClient requests of one client that may wait for replies before it is no longer
 *     read from
 * @param unsentPerClient bytes of replies that one client has not read yet before it is no longer
 *     read from
 * @param unsentPerClientHard bytes of unread replies at which a client is closed
 * @param unsentPerNode bytes not yet taken by a node's connection before the clients that feed it
 *     are no longer read from
 * @param bulkLength longest argument or value, in bytes
 * @param arguments most arguments of a request
 * @param gatheredRequest largest request that must be held whole before it is sent (one with keys
 *     of several nodes), in bytes
 * @param databases that clients may SELECT, at least 1
 * @param pinnedPerNode connections to a node that one worker lends to clients, for transactions and
 *     blocking commands, at one time
 * @param unsentPerSubscriber bytes of messages and replies that a subscribed client has not read at
 *     which it is closed; at a quarter of it, if that lasts for a minute
 */
public record LimitSettings(
    int clients,
    int inFlightPerClient,
    long unsentPerClient,
    long unsentPerClientHard,
    long unsentPerNode,
    long bulkLength,
    int arguments,
    long gatheredRequest,
    int databases,
    int pinnedPerNode,
    long unsentPerSubscriber) {

  /** What ships. */
  public static final LimitSettings DEFAULT =
      new LimitSettings(
          0,
          1024,
          1L << 20,
          64L << 20,
          16L << 20,
          512L << 20,
          1 << 20,
          64L << 20,
          16,
          1024,
          32L << 20);
}
