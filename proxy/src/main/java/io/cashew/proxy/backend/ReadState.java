package io.cashew.proxy.backend;

/**
 * How well a server may be read from, as the control thread has found last. Immutable.
 *
 * @param isWell of a replica: whether it may be read from
 * @param hasAllUntilNanos of a replica: it has all that its primary had executed by then, as {@link
 *     System#nanoTime}
 * @param isNear whether it is in the zone of the proxy
 * @param why it is not well, in words; empty: it is
 */
public record ReadState(boolean isWell, long hasAllUntilNanos, boolean isNear, String why) {

  /** Nothing is known. */
  public static final ReadState UNKNOWN = new ReadState(false, 0, false, "it has not been asked");

  /** The same of one that is not well. */
  public ReadState but(String whyNot) {
    return new ReadState(false, hasAllUntilNanos, isNear, whyNot);
  }
}
