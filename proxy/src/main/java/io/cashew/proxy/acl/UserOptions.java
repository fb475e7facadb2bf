package io.cashew.proxy.acl;

/**
 * What the proxy does for a user besides checking its rights.
 *
 * @param usesCache whether the rules of the pool's cache are for its requests, too
 * @param requestsPerSecond of all its clients together; 0: as many as the pool's setting says
 */
public record UserOptions(boolean usesCache, int requestsPerSecond) {
  /** What a user has of which nothing is said. */
  public static final UserOptions STANDARD = new UserOptions(true, 0);
}
