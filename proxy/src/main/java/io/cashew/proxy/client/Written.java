package io.cashew.proxy.client;

/**
 * Which connections to nodes a client's writes have gone over, as far as {@code WAIT} must know.
 */
public enum Written {
  NOTHING,

  /** The shared connections of the lane that it has. */
  ON_ITS_LANE,

  /** Others, too: leased ones, or those of a lane that it had before. */
  ELSEWHERE_TOO
}
