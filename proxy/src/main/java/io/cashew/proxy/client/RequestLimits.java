package io.cashew.proxy.client;

/**
 * How many requests a pool takes in a second; 0: any number.
 *
 * @param ofPool of all clients together
 * @param perUser of all clients of a user together, unless the user has a number of its own
 * @param perAddress of all clients of an address together
 */
public record RequestLimits(int ofPool, int perUser, int perAddress) {
  /** Any number. */
  public static final RequestLimits NONE = new RequestLimits(0, 0, 0);
}
