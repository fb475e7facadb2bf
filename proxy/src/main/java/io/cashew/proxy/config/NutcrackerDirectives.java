package io.cashew.proxy.config;

import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.NodeNames;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The table of directives of a {@code nutcracker.yml}: those of twemproxy 0.5.0, with its defaults,
 * its strictness and its words for what is wrong.
 */
final class NutcrackerDirectives {
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final List<String> DISTRIBUTIONS = List.of("ketama", "modula", "random");
  private static final String LISTEN_FORM = "\"hostname:port\" format string";
  private static final String SERVER_FORM = "\"hostname:port:weight [name]\" format string";

  private NutcrackerDirectives() {}

  static final Directive<Address> LISTEN =
      new Directive<>(
          "listen",
          "`host:port` or `/path [mode]`",
          "required",
          true,
          NutcrackerDirectives::listener,
          Kinds.NO_ADDRESS,
          "`*:port` listens on `localhost`, which is what twemproxy makes of it.");
  static final Directive<HashFunction> HASH =
      new Directive<>(
          "hash",
          "one of twemproxy's twelve",
          "`fnv1a_64`",
          false,
          NutcrackerDirectives::hash,
          HashFunctions.byName("fnv1a_64"),
          "The same results, with every quirk.");
  static final Directive<Optional<HashTag>> HASH_TAG =
      new Directive<>(
          "hash_tag",
          "two characters",
          "none",
          false,
          NutcrackerDirectives::hashTag,
          Optional.empty(),
          "");
  static final Directive<DistributionFactory> DISTRIBUTION =
      new Directive<>(
          "distribution",
          "`ketama`, `modula`, `random`",
          "`ketama`",
          false,
          NutcrackerDirectives::distribution,
          Distributions.byName("ketama"),
          "The same rings to the point. `slots` needs a `cashew.conf`.");
  static final Directive<Integer> TIMEOUT =
      number(
          "timeout",
          "milliseconds",
          0,
          "none",
          "Counted from the write to the node, not from when the request is queued. 0 is none.");
  static final Directive<Integer> BACKLOG = number("backlog", "number", 512, "512", "");
  static final Directive<Integer> CLIENT_CONNECTIONS =
      number(
          "client_connections",
          "number",
          0,
          "0: no limit",
          "Enforced; twemproxy reads it and ignores it.");
  static final Directive<Boolean> REDIS =
      flag("redis", "`false` is a pool of memcached servers: `protocol = memcached`.");
  static final Directive<Boolean> TCP_KEEPALIVE =
      new Directive<>(
          "tcpkeepalive",
          "`true`, `false`",
          "`true`",
          false,
          NutcrackerDirectives::flag,
          true,
          "On client connections, after 300 s. In twemproxy it is off where it is not written, and"
              + " clients that have vanished stay for ever.");
  static final Directive<Optional<Secret>> REDIS_AUTH =
      new Directive<>(
          "redis_auth",
          "text",
          "none",
          false,
          text -> Optional.of(new Secret(text)),
          Optional.empty(),
          "What clients must send, and what is sent to nodes.");
  static final Directive<Integer> REDIS_DB =
      number(
          "redis_db",
          "number",
          0,
          "0",
          "Selected on unix sockets too; of no meaning without `redis: true`.");
  static final Directive<Boolean> PRECONNECT = flag("preconnect", "");
  static final Directive<Boolean> AUTO_EJECT_HOSTS =
      flag(
          "auto_eject_hosts",
          "Never the last node, nor more than half of them; a node comes back when it answers PING,"
              + " not when the time is up.");
  static final Directive<Integer> SERVER_CONNECTIONS =
      new Directive<>(
          "server_connections",
          "number, not 0",
          "1",
          false,
          text -> {
            int connections = number(text);
            if (connections == 0) {
              throw new BadValue("cannot be 0");
            }
            return connections;
          },
          1,
          "For each worker; twemproxy has one worker.");
  static final Directive<Integer> SERVER_RETRY_TIMEOUT =
      number(
          "server_retry_timeout",
          "milliseconds",
          30_000,
          "30000",
          "`retry-after`. 0 behaves like 1.");
  static final Directive<Integer> SERVER_FAILURE_LIMIT =
      number(
          "server_failure_limit",
          "number",
          2,
          "2",
          "Counts time-outs in a row; a refused connection is enough by itself. 0 behaves like 1.");

  /** The sequence: its entries are read by {@link #server}. */
  static final Directive<Boolean> SERVERS =
      new Directive<>(
          "servers",
          "list of `host:port:weight [name]` or `/path:weight [name]`",
          "required",
          true,
          text -> {
            throw new BadValue("must be a list of servers, one a line: - host:port:weight [name]");
          },
          false,
          "Same labels, same order, same duplicates: keys stay where they are.");

  static final List<Directive<?>> ALL =
      List.of(
          LISTEN,
          HASH,
          HASH_TAG,
          DISTRIBUTION,
          TIMEOUT,
          BACKLOG,
          CLIENT_CONNECTIONS,
          REDIS,
          TCP_KEEPALIVE,
          REDIS_AUTH,
          REDIS_DB,
          PRECONNECT,
          AUTO_EJECT_HOSTS,
          SERVER_CONNECTIONS,
          SERVER_RETRY_TIMEOUT,
          SERVER_FAILURE_LIMIT,
          SERVERS);

  private static Directive<Integer> number(
      String name, String form, int fallback, String standard, String doc) {
    return new Directive<>(
        name, form, standard, false, NutcrackerDirectives::number, fallback, doc);
  }

  private static Directive<Boolean> flag(String name, String doc) {
    return new Directive<>(
        name, "`true`, `false`", "`false`", false, NutcrackerDirectives::flag, false, doc);
  }

  private static boolean flag(String text) throws BadValue {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new BadValue("is not \"true\" or \"false\": '" + text + "'");
    };
  }

  /** Digits only; where twemproxy lets a number overflow, this refuses it. */
  private static int number(String text) throws BadValue {
    if (DIGITS.matcher(text).matches()) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException overflow) {
        throw new BadValue("is not a number below 2147483648: '" + text + "'");
      }
    }
    throw new BadValue("is not a number: '" + text + "'; write digits only");
  }

  private static HashFunction hash(String text) throws BadValue {
    return HashFunctions.byName(known("is not a valid hash", text, HashFunctions.names()));
  }

  private static DistributionFactory distribution(String text) throws BadValue {
    return Distributions.byName(known("is not a valid distribution", text, DISTRIBUTIONS));
  }

  private static String known(String problem, String text, List<String> names) throws BadValue {
    if (!names.contains(text)) {
      throw new BadValue(problem + ": '" + text + "'" + UnknownName.question(text, names));
    }
    return text;
  }

  private static Optional<HashTag> hashTag(String text) throws BadValue {
    try {
      return Optional.of(HashTag.of(text));
    } catch (IllegalArgumentException notTwoBytes) {
      throw new BadValue("is not a valid hash tag string with two characters: '" + text + "'");
    }
  }

  private static Address listener(String text) throws BadValue {
    if (text.startsWith("/")) {
      int space = text.lastIndexOf(' ');
      return space < 0
          ? AddressText.unixPath(text, 0)
          : AddressText.unixPath(
              text.substring(0, space), AddressText.mode(text.substring(space + 1)));
    }
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new BadValue("has an invalid " + LISTEN_FORM + ": '" + text + "'");
    }
    String host = text.substring(0, colon);
    // getaddrinfo of the GNU C library takes a lone star for no host, hence for loopback.
    return new Address.Tcp(
        host.equals("*") ? "localhost" : AddressText.host(withoutBrackets(host)),
        port(text.substring(colon + 1), LISTEN_FORM));
  }

  private static int port(String text, String form) throws BadValue {
    int port = DIGITS.matcher(text).matches() && text.length() < 10 ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw new BadValue("has an invalid port in " + form + ": '" + text + "'");
    }
    return port;
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * Reads an entry of {@code servers}, from the right: a name after the last space, a weight after
   * the last colon, a port after the one before.
   */
  static NodeSettings server(String text) throws BadValue {
    int space = text.lastIndexOf(' ');
    String place = space < 0 ? text : text.substring(0, space);
    int colon = place.lastIndexOf(':');
    if (colon <= 0) {
      throw invalidServer(text);
    }
    int weight = weight(place.substring(colon + 1));
    String address = place.substring(0, colon);
    if (address.startsWith("/")) {
      if (address.indexOf(':') >= 0) {
        throw invalidServer(text);
      }
      String name =
          space < 0 ? NodeNames.unix(address) : AddressText.name(text.substring(space + 1));
      return new NodeSettings(name, AddressText.unixPath(address, 0), weight, List.of());
    }
    int portColon = address.lastIndexOf(':');
    if (portColon <= 0) {
      throw invalidServer(text);
    }
    String host = address.substring(0, portColon);
    String portText = address.substring(portColon + 1);
    int port = port(portText, SERVER_FORM);
    String name =
        space < 0
            ? NodeNames.tcp(host, port, portText)
            : AddressText.name(text.substring(space + 1));
    Address tcp = new Address.Tcp(AddressText.host(withoutBrackets(host)), port);
    return new NodeSettings(name, tcp, weight, List.of());
  }

  private static BadValue invalidServer(String text) {
    return new BadValue(
        "has an invalid \"hostname:port:weight [name]\" or \"/path/unix_socket:weight [name]\""
            + " format string: '"
            + text
            + "'");
  }

  private static int weight(String text) throws BadValue {
    if (!DIGITS.matcher(text).matches() || text.length() > 9) {
      throw new BadValue("has an invalid weight in " + SERVER_FORM + ": '" + text + "'");
    }
    int weight = Integer.parseInt(text);
    if (weight == 0) {
      throw new BadValue("has a zero weight in " + SERVER_FORM + ": '" + text + "'");
    }
    return weight;
  }
}
