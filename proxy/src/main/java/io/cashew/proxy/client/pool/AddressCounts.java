package io.cashew.proxy.client.pool;

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
  private volatile int most;

  /**
   * Counts none yet.
   *
   * @param most clients of one address; 0: any number
   */
  AddressCounts(int most) {
    this.most = most;
  }

  /** Lets in another number from now on; those who are in stay. */
  void most(int newMost) {
    most = newMost;
  }

  /** Counts a client, unless its address has as many as it may have. */
  boolean tryTake(SocketAddress peer) {
    int limit = most;
    if (!(peer instanceof InetSocketAddress inet)) {
      return true;
    }
    boolean[] taken = new boolean[1];
    clients.compute(
        inet.getAddress(),
        (address, count) -> {
          int now = count == null ? 0 : count;
          taken[0] = limit == 0 || now < limit;
          return taken[0] ? now + 1 : count;
        });
    return taken[0];
  }

  /** A client that was counted is gone. */
  void give(SocketAddress peer) {
    if (peer instanceof InetSocketAddress inet) {
      clients.computeIfPresent(
          inet.getAddress(), (address, count) -> count == 1 ? null : count - 1);
    }
  }
}
