package io.cashew.proxy.cache;

/** What one client was told to load, while others are told something else. */
interface Load {
  /** Whether nobody needs it any more. */
  boolean isOver(long nowNanos);

  /** The client has left: another one is to load it. */
  void left(Seat loader);

  /** It is over, and the client no longer remembers it. */
  void forget();
}
