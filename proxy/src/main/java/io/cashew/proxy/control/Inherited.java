package io.cashew.proxy.control;

import io.cashew.proxy.config.Address;
import java.util.OptionalInt;

/** The listening sockets that another process hands over to this one. */
@FunctionalInterface
public interface Inherited {

  /** Nothing is handed over. */
  Inherited NOTHING = address -> OptionalInt.empty();

  /**
   * The socket that listens at this address.
   *
   * @return its file descriptor, which is the caller's from then on; empty: there is none
   */
  OptionalInt descriptor(Address address);
}
