package io.cashew.proxy.config;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Addresses of a configuration that are one place: a node that is a listener of the same file, so
 * that requests go round in circles, and nodes that are one server. Stateless; a name may be
 * resolved, which blocks.
 */
public final class MeetingAddresses {
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*|(?i:localhost)");

  /** As many links as Linux follows. */
  private static final int LINKS_MAX = 40;

  /** How hosts are resolved. */
  private enum Names {
    /** Only what needs no name server. */
    LITERAL,
    ALL
  }

  private MeetingAddresses() {}

  /**
   * What is wrong with a node that is its own pool, if that is certain without a name server: for
   * each reading of a file.
   */
  static Optional<String> self(Address listen, Address node) {
    return self(listen, node, Names.LITERAL);
  }

  private static Optional<String> self(Address listen, Address node, Names names) {
    return reaches(node, listen, names)
        ? Optional.of(
            "is the pool itself, which listens on "
                + listen.text()
                + ": each request would come back until its time is over; name the server that has"
                + " the keys")
        : Optional.empty();
  }

  /** As above for all pools, with names resolved: what is wrong with each such node. */
  public static List<String> selves(Settings settings) {
    List<String> selves = new ArrayList<>();
    for (PoolSettings pool : settings.pools()) {
      for (NodeSettings node : pool.nodes()) {
        node.place().addresses().stream()
            .flatMap(address -> self(pool.listen(), address, Names.ALL).stream())
            .findFirst()
            .ifPresent(
                text -> selves.add("pool '" + pool.name() + "': " + describe(node) + " " + text));
      }
    }
    return selves;
  }

  private static String describe(NodeSettings node) {
    return "node '" + node.name() + "' (" + node.place().text() + ")";
  }

  /**
   * The circles of several pools, each as a warning. A pool is its place in the settings here: to
   * hash whole settings would make the JVM generate code for each of their records at every start.
   */
  public static List<String> circles(Settings settings) {
    List<PoolSettings> pools = settings.pools();
    List<Map<Integer, String>> next = new ArrayList<>();
    for (int pool = 0; pool < pools.size(); pool++) {
      Map<Integer, String> reached = reachedByRoutes(pools.get(pool), pools);
      for (NodeSettings node : pools.get(pool).nodes()) {
        for (int other = 0; other < pools.size(); other++) {
          Address listen = pools.get(other).listen();
          if (other != pool
              && node.place().addresses().stream()
                  .anyMatch(address -> reaches(address, listen, Names.ALL))) {
            reached.putIfAbsent(other, describe(node));
          }
        }
      }
      next.add(reached);
    }
    List<String> circles = new ArrayList<>();
    Set<Integer> told = new LinkedHashSet<>();
    for (int pool = 0; pool < pools.size(); pool++) {
      List<Integer> circle =
          told.contains(pool) ? List.of() : circle(pool, pool, next, new LinkedHashSet<>());
      if (!circle.isEmpty()) {
        told.addAll(circle);
        circles.add(text(circle, next, pools));
      }
    }
    return circles;
  }

  private static Map<Integer, String> reachedByRoutes(PoolSettings pool, List<PoolSettings> pools) {
    Map<Integer, String> reached = new LinkedHashMap<>();
    for (RouteSettings route : pool.routes()) {
      for (int other = 0; other < pools.size(); other++) {
        if (pools.get(other).name().equals(route.pool())) {
          reached.putIfAbsent(other, "route '" + route.keys() + "'");
        }
      }
    }
    return reached;
  }

  /** The pools on a way from one back to the first; empty if there is none. */
  private static List<Integer> circle(
      int first, int at, List<Map<Integer, String>> next, Set<Integer> seen) {
    for (int other : next.get(at).keySet()) {
      if (other == first) {
        return new ArrayList<>(List.of(at));
      }
      if (seen.add(other)) {
        List<Integer> rest = circle(first, other, next, seen);
        if (!rest.isEmpty()) {
          rest.add(0, at);
          return rest;
        }
      }
    }
    return List.of();
  }

  private static String text(
      List<Integer> circle, List<Map<Integer, String>> next, List<PoolSettings> pools) {
    StringBuilder text = new StringBuilder("pools go round in a circle: ");
    for (int i = 0; i < circle.size(); i++) {
      int pool = circle.get(i);
      int other = circle.get((i + 1) % circle.size());
      text.append(i == 0 ? "" : ", ")
          .append(next.get(pool).get(other))
          .append(" of pool '")
          .append(pools.get(pool).name())
          .append("' is pool '")
          .append(pools.get(other).name())
          .append('\'');
    }
    return text + "; a key may come back until its time is over";
  }

  /** Nodes of a pool that are one server under several names, in groups of two or more. */
  public static List<List<NodeSettings>> oneServer(PoolSettings pool) {
    Map<String, List<NodeSettings>> places = new LinkedHashMap<>();
    for (NodeSettings node : pool.nodes()) {
      if (node.place() instanceof NodePlace.At at) {
        places.computeIfAbsent(place(at.address()), place -> new ArrayList<>()).add(node);
      }
    }
    return places.values().stream().filter(nodes -> nodes.size() > 1).toList();
  }

  private static String place(Address address) {
    if (address instanceof Address.Unix unix) {
      return file(unix).toString();
    }
    Address.Tcp tcp = (Address.Tcp) address;
    String host =
        resolved(tcp.host(), Names.ALL)
            .map(found -> found.isAnyLocalAddress() ? "127.0.0.1" : found.getHostAddress())
            .orElse(tcp.host());
    return host + " " + tcp.port();
  }

  /** The file of a socket, through links, also before somebody listens there. */
  private static Path file(Address.Unix unix) {
    Path path = Path.of(unix.path());
    try {
      for (int links = 0; Files.isSymbolicLink(path) && links < LINKS_MAX; links++) {
        path = path.resolveSibling(Files.readSymbolicLink(path));
      }
      Path parent = path.getParent();
      Path name = path.getFileName();
      return parent == null || name == null ? path : parent.toRealPath().resolve(name);
    } catch (IOException missing) { // a directory that is not there yet has no links
      return path.normalize();
    }
  }

  /** Whether who connects to one address comes to who listens on the other. */
  private static boolean reaches(Address node, Address listen, Names names) {
    if (node instanceof Address.Unix one && listen instanceof Address.Unix other) {
      return file(one).equals(file(other));
    }
    if (!(node instanceof Address.Tcp one && listen instanceof Address.Tcp other)
        || one.port() != other.port()
        || one.port() == 0) {
      return false;
    }
    if (one.host().equalsIgnoreCase(other.host())) {
      return true;
    }
    Optional<InetAddress> to = resolved(one.host(), names);
    Optional<InetAddress> at = resolved(other.host(), names);
    return to.isPresent() && at.isPresent() && reaches(to.get(), at.get());
  }

  private static boolean reaches(InetAddress to, InetAddress at) {
    if (to.isAnyLocalAddress()) { // who connects there comes to the loopback address
      return at.isAnyLocalAddress()
          ? isIpv6(at) || !isIpv6(to)
          : at.isLoopbackAddress() && isIpv6(at) == isIpv6(to);
    }
    if (!at.isAnyLocalAddress()) {
      return at.equals(to);
    }
    // Who listens on :: listens on all addresses of IPv4, too.
    return (isIpv6(at) || !isIpv6(to)) && (to.isLoopbackAddress() || isOfThisMachine(to));
  }

  private static boolean isIpv6(InetAddress address) {
    return address instanceof Inet6Address;
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }

  private static Optional<InetAddress> resolved(String host, Names names) {
    if (names == Names.LITERAL && !LITERAL.matcher(host).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException unknown) {
      return Optional.empty();
    }
  }
}
