package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the address of a node that is out for maintenance.
 *
 * @param text where its server is
 * @param error what a client gets, with its code
 */
record OutAddress(String text, String error) implements NodeAddress {
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
  public boolean isOut() {
    return true;
  }

  @Override
  public String whyNone() {
    return "is out for maintenance";
  }

  @Override
  public String errorOfNobody() {
    return error;
  }
}
