package io.cashew.proxy.config;

import io.cashew.hashing.distribution.NodeNames;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses, names and nodes as a HOCON file writes them. */
final class AddressText {
  private static final Pattern IPV6 = Pattern.compile("\\[([0-9A-Fa-f:.]+(?:%[^\\]\\s]+)?)\\](.*)");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
  private static final Pattern UNIX_WEIGHT = Pattern.compile("(.+):([0-9]{1,10})", Pattern.DOTALL);
  private static final String UNIX = "unix:";

  private AddressText() {}

  /**
   * A node in one text.
   *
   * @param name empty: {@link #defaultName} of the address
   */
  record Node(Address address, int weight, Optional<String> name) {}

  /**
   * A listener's address: {@code host:port}, {@code unix:/path} or {@code unix:/path 0660}.
   *
   * @throws BadValue if it is neither
   */
  static Address listener(String text) throws BadValue {
    if (!text.startsWith(UNIX)) {
      return tcp(text, 0);
    }
    int space = text.lastIndexOf(' ');
    if (space < 0) {
      return unix(text, 0);
    }
    return unix(text.substring(0, space), mode(text.substring(space + 1)));
  }

  /** Permissions in octal, as chmod(1) takes them. */
  static int mode(String text) throws BadValue {
    if (!text.matches("[0-7]{1,4}") || Integer.parseInt(text, 8) > 0777) {
      throw new BadValue(
          "has an invalid file permission '" + text + "': octal digits from 0 to 0777");
    }
    return Integer.parseInt(text, 8);
  }

  /**
   * A node's address.
   *
   * @throws BadValue if it is neither {@code host:port} nor {@code unix:/path}
   */
  static Address node(String text) throws BadValue {
    if (!text.startsWith(UNIX)) {
      return tcp(text, 1);
    }
    if (text.indexOf(' ') >= 0) {
      throw new BadValue("has a space in the path of its unix socket: '" + text + "'");
    }
    return unix(text, 0);
  }

  /**
   * {@code host:port[:weight] [name]} or {@code unix:/path[:weight] [name]}.
   *
   * @throws BadValue if it is neither
   */
  static Node nodeWithWeight(String text) throws BadValue {
    int space = text.lastIndexOf(' ');
    Optional<String> name =
        space < 0 ? Optional.empty() : Optional.of(name(text.substring(space + 1)));
    String place = space < 0 ? text : text.substring(0, space);
    if (place.startsWith(UNIX)) {
      Matcher weighted = UNIX_WEIGHT.matcher(place);
      return weighted.matches()
          ? new Node(unix(weighted.group(1), 0), weight(weighted.group(2)), name)
          : new Node(unix(place, 0), 1, name);
    }
    int colons = colonsAfterHost(place);
    if (colons == 2) {
      int last = place.lastIndexOf(':');
      return new Node(tcp(place.substring(0, last), 1), weight(place.substring(last + 1)), name);
    }
    return new Node(tcp(place, 1), 1, name);
  }

  private static long colons(String text) {
    return text.chars().filter(c -> c == ':').count();
  }

  private static int colonsAfterHost(String text) {
    return (int) colons(text.substring(text.lastIndexOf(']') + 1));
  }

  private static int weight(String text) throws BadValue {
    int weight = number(text);
    if (weight < 1) {
      throw new BadValue("has an invalid weight '" + text + "': a whole number, 1 or more");
    }
    return weight;
  }

  /** -1 if it is not a number that fits. */
  private static int number(String text) {
    if (!DIGITS.matcher(text).matches()) {
      return -1;
    }
    long number = Long.parseLong(text);
    return number > Integer.MAX_VALUE ? -1 : (int) number;
  }

  private static Address unix(String text, int mode) throws BadValue {
    String path = text.substring(UNIX.length());
    if (!path.startsWith("/") || path.length() == 1) {
      throw new BadValue("has no absolute path after 'unix:': '" + text + "'");
    }
    return unixPath(path, mode);
  }

  /**
   * A unix socket.
   *
   * @throws BadValue if no file can have this path, or no line can show it
   */
  static Address unixPath(String path, int mode) throws BadValue {
    if (path.length() == 1) {
      throw new BadValue("has '/' as the path of its unix socket, which is a directory");
    }
    if (path.codePoints().anyMatch(Character::isISOControl)) {
      throw new BadValue(
          "has control characters in the path of its unix socket: '"
              + path.replaceAll("\\p{Cntrl}", "?")
              + "'");
    }
    return new Address.Unix(path, mode);
  }

  /**
   * Checks a host that stands without brackets.
   *
   * @throws BadValue if it is no name and no address
   */
  static String host(String host) throws BadValue {
    Matcher bracketed = IPV6.matcher("[" + host + "]");
    boolean ipv6 = bracketed.matches() && bracketed.group(2).isEmpty();
    if (!ipv6 && !HOST.matcher(host).matches()) {
      throw new BadValue("has no valid host: '" + host + "'");
    }
    return host;
  }

  private static Address tcp(String text, int leastPort) throws BadValue {
    String host;
    String rest;
    Matcher bracketed = IPV6.matcher(text);
    if (bracketed.matches()) {
      host = bracketed.group(1);
      rest = bracketed.group(2);
    } else {
      if (colons(text) > 1 && !text.startsWith("[")) {
        throw new BadValue(
            "has too many colons: '" + text + "'; an IPv6 address needs brackets: [::1]:6379");
      }
      int colon = text.indexOf(':');
      host = colon < 0 ? text : text.substring(0, colon);
      rest = colon < 0 ? "" : text.substring(colon);
      if (!HOST.matcher(host).matches()) {
        throw new BadValue(
            host.equals("*")
                ? "has '*' as its host: write 0.0.0.0 to listen on every address"
                : "has no valid host: '" + text + "'; write host:port or unix:/path");
      }
    }
    if (!rest.startsWith(":")) {
      throw new BadValue("has no port: '" + text + "'; write host:port or unix:/path");
    }
    int port = number(rest.substring(1));
    if (port >= 0 && rest.length() > 2 && rest.charAt(1) == '0') {
      throw new BadValue(
          "has a port with a zero before it in '"
              + text
              + "', by which a node without a name would"
              + " have another one: write "
              + port
              + " (or name the node, if its name is that text)");
    }
    if (port < leastPort || port > 65535) {
      throw new BadValue(
          "has an invalid port in '" + text + "': a whole number from " + leastPort + " to 65535");
    }
    return new Address.Tcp(host, port);
  }

  /**
   * Checks a name of a pool or node.
   *
   * @throws BadValue if it is empty or has white space or control characters
   */
  static String name(String text) throws BadValue {
    if (text.isEmpty()) {
      throw new BadValue("has an empty name");
    }
    if (!Kinds.isUnicode(text)) {
      throw new BadValue("has half of a surrogate pair in its name, which is no character");
    }
    if (text.codePoints()
        .anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c) || c == 0xa0)) {
      throw new BadValue(
          "has white space or control characters in its name '"
              + text.replaceAll("\\p{Cntrl}", "?")
              + "'");
    }
    return text;
  }

  /** The name of a node that the file gives none: twemproxy's label. */
  static String defaultName(Address address) {
    if (address instanceof Address.Unix unix) {
      return NodeNames.unix(unix.path());
    }
    Address.Tcp tcp = (Address.Tcp) address;
    return NodeNames.tcp(tcp.host(), tcp.port());
  }

  /** A listener's address and the permissions of its file. */
  static String listenerText(Address address) {
    return address instanceof Address.Unix unix && (unix.mode() != 0 || unix.path().contains(" "))
        ? address.text() + " 0" + Integer.toOctalString(unix.mode())
        : address.text();
  }
}
