package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import java.net.SocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the address of a node that has no primary at the moment.
 *
 * @param text for people
 * @param why as the end of a sentence; asked on any thread
 * @param error what a client gets, with its code; asked on any thread; empty: that there is nobody,
 *     and why
 */
record NobodyAddress(String text, Supplier<String> why, Supplier<String> error)
    implements NodeAddress {
  @Override
  public @Nullable SocketAddress current() {
    return null;
  }

  @Override
  public void refresh() {}

  @Override
  public boolean isNobody() {
    return true;
  }

  @Override
  public String whyNone() {
    return "has no primary: " + why.get();
  }

  @Override
  public String errorOfNobody() {
    return error.get();
  }
}
