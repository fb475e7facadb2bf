package io.cashew.proxy.control;

/** How the clients of a proxy that stops are treated; each is given the replies it is owed. */
public enum Drain {
  /** Nobody is to notice: the port serves for a while, then clients leave spread over time. */
  GENTLE,
  /** Another process has the listeners: clients leave spread over time, none is refused. */
  TAKEN_OVER,
  /** Whoever stops the proxy waits for it: no client is waited for that is owed nothing. */
  AT_ONCE
}
