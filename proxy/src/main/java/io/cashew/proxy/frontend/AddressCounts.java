package io.cashew.proxy.frontend;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many clients of a listener there are from each address. Shared by the workers; holds no more
 * addresses than there are clients. Clients of a unix socket have no address and are not counted.
 */
final class AddressCounts {
  private final ConcurrentHashMap<InetAddress, Integer> clients = new ConcurrentHashMap<>();
  private final int most;

  /**
   * Counts none yet.
   *
   * @param most clients of one address; 0: any number
   */
  AddressCounts(int most) {
    this.most = most;
  }

  /** Counts a client, unless its address has as many as it may have. */
  boolean tryTake(SocketAddress peer) {
    if (most == 0 || !(peer instanceof InetSocketAddress inet)) {
      return true;
    }
    boolean[] taken = new boolean[1];
    clients.compute(
        inet.getAddress(),
        (address, count) -> {
          int now = count == null ? 0 : count;
          taken[0] = now < most;
          return taken[0] ? now + 1 : count;
        });
    return taken[0];
  }

  /** A client that was counted is gone. */
  void give(SocketAddress peer) {
    if (most > 0 && peer instanceof InetSocketAddress inet) {
      clients.computeIfPresent(
          inet.getAddress(), (address, count) -> count == 1 ? null : count - 1);
    }
  }
}
