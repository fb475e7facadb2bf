package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

/**
 * How many requests a pool takes in a second; those above get an error. 0: any number.
 *
 * @param ofPool of all clients of the pool together
 * @param perUser of all clients of one user together, unless the user has a number of its own
 * @param perAddress of all clients of one address together
 */
public record RequestRates(int ofPool, int perUser, int perAddress) {
  static final int MOST = 999_999_999;

  /** The rows of its settings. */
  public static final Table<RequestRates> TABLE = Table.of(RequestRates::new);

  public static final Setting<RequestRates, Integer> OF_POOL =
      TABLE.row(
          "limits.requests-per-second",
          Kinds.integer(0, MOST),
          "0",
          AT_ONCE,
          RequestRates::ofPool,
          "Requests that all clients of the pool together may send in a second; those above get an"
              + " error, `-RATELIMITED …`. 0 is any number.");

  public static final Setting<RequestRates, Integer> PER_USER =
      TABLE.row(
          "limits.requests-per-second-per-user",
          Kinds.integer(0, MOST),
          "0",
          AT_ONCE,
          RequestRates::perUser,
          "The same for all clients of one user (`auth.users`) together, unless the user has"
              + " `requests-per-second` of its own.");

  public static final Setting<RequestRates, Integer> PER_ADDRESS =
      TABLE.row(
          "limits.requests-per-second-per-address",
          Kinds.integer(0, MOST),
          "0",
          AT_ONCE,
          RequestRates::perAddress,
          "The same for all clients of one address together. Applications behind one address look"
              + " like one.");

  private RequestRates(Values<RequestRates> from) {
    this(from.get(OF_POOL), from.get(PER_USER), from.get(PER_ADDRESS));
  }
}
