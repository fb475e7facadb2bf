package io.cashew.hashing.distribution;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The name of a node that was given none, and the order of names. Stateless.
 *
 * <p>A node with an explicit name has that name whatever its address is, so it can move. The others
 * are named by the text of their address exactly as it is configured (twemproxy 0.5.0): not
 * resolved, upper and lower case kept.
 */
public final class NodeNames {

  /** memcached's. Nodes there are named by host alone, since libmemcached hashed only that. */
  private static final int PORT_LEFT_OUT = 11211;

  /**
   * The internal order of a pool's nodes: shorter names first, measured in bytes of UTF-8; among
   * equally long ones by unsigned bytes. Not the order in the file.
   */
  public static final Comparator<String> ORDER = NodeNames::compare;

  private NodeNames() {}

  /**
   * The name of an unnamed node that is reached by TCP.
   *
   * @return {@code host:port}, but {@code host} alone for port 11211
   */
  public static String tcp(String host, int port) {
    return tcp(host, port, Integer.toString(port));
  }

  /**
   * As above, where the port may be written in another way: with zeros before it.
   *
   * @param written the text of the port
   */
  public static String tcp(String host, int port, String written) {
    return port == PORT_LEFT_OUT ? host : host + ":" + written;
  }

  /**
   * The name of an unnamed node that is reached by a unix socket.
   *
   * @return the path and a colon: {@code /tmp/a.sock:}
   */
  public static String unix(String path) {
    return path + ":";
  }

  private static int compare(String left, String right) {
    byte[] leftBytes = left.getBytes(StandardCharsets.UTF_8);
    byte[] rightBytes = right.getBytes(StandardCharsets.UTF_8);
    int byLength = Integer.compare(leftBytes.length, rightBytes.length);
    return byLength != 0 ? byLength : Arrays.compareUnsigned(leftBytes, rightBytes);
  }
}
