package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.NodeAddress;
import java.net.InetSocketAddress;
import java.util.OptionalLong;

/**
 * Which server a cursor of {@code SCAN} is of, in a few bits of its address: each server has its
 * keys in an order of its own, so that no other one knows its cursors. Immutable.
 *
 * <p>A cursor of the upper half of all numbers is left unmarked, whoever reads it: beside those of
 * other nodes it has no room in a client's, and servers that have such cursors (Kvrocks) count
 * their keys by name.
 *
 * @param bits from the address of the server
 */
record ServerMark(int bits) {
  static final int BITS = 10;

  private static final int MASK = (1 << BITS) - 1;
  private static final long MOST = Long.MAX_VALUE >>> BITS;

  /**
   * That of the server of a node: of a name, it is that of the address which the name had when the
   * node was made. A name that is another server's since has another node.
   */
  static ServerMark of(NodeAddress address) {
    return address.home() instanceof InetSocketAddress home && home.getAddress() != null
        ? of(home.getAddress().getHostAddress() + ':' + home.getPort())
        : of(address.text());
  }

  /** That of the server at an address. */
  static ServerMark of(String address) {
    int hash = address.hashCode();
    return new ServerMark((hash ^ (hash >>> BITS) ^ (hash >>> (2 * BITS))) & MASK);
  }

  /**
   * The server's own cursor, with which it goes on; of another server's it is 0: it begins anew.
   */
  long unmarked(long marked) {
    return marked < 0 ? marked : (marked & MASK) == bits ? marked >>> BITS : 0;
  }

  /**
   * A cursor of the server with the mark; empty if there is no room for it.
   *
   * @param cursor an unsigned number, not 0
   */
  OptionalLong marked(long cursor) {
    if (cursor < 0) {
      return OptionalLong.of(cursor);
    }
    return cursor > MOST ? OptionalLong.empty() : OptionalLong.of((cursor << BITS) | bits);
  }
}
