package io.cashew.proxy.control;

import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.netty.buffer.Unpooled;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The questions by which a server's {@link ServerFacts} are learned, and how answers are read. */
final class ServerReplies {
  /** Those of which {@link #read} reads the replies. */
  static final List<byte[]> QUESTIONS =
      List.of(
          Replies.bytes("*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"),
          Replies.bytes("*2\r\n$6\r\nMODULE\r\n$4\r\nLIST\r\n"),
          Replies.bytes("*2\r\n$7\r\nCOMMAND\r\n$4\r\nLIST\r\n"));

  /**
   * The question for arities. Its reply is large, so that it is asked only of a server that is
   * another than before, or that does not answer {@code COMMAND LIST}, as those before Redis 7.0.
   */
  static final List<byte[]> ARITIES = List.of(Replies.bytes("*1\r\n$7\r\nCOMMAND\r\n"));

  /** Index of the subcommands in an entry of {@code COMMAND}, from Redis 7.0 on. */
  private static final int SUBCOMMANDS_AT = 9;

  private static final Pattern ARITY = Pattern.compile("-?[1-9][0-9]{0,3}");

  private ServerReplies() {}

  /**
   * Reads the replies to {@link #QUESTIONS}. A server that refuses one (it may be renamed, or not
   * allowed) is known by the others.
   *
   * @param address where it was asked
   * @return null if it says no version
   */
  static @Nullable ServerFacts read(List<byte[]> replies, @Nullable SocketAddress address) {
    ReplyValue info = value(replies.get(0));
    Map<String, String> fields = info.isText() ? fields(info.words()) : Map.of();
    String version = fields.get("redis_version");
    if (version == null) {
      return null;
    }
    Set<String> names = new HashSet<>();
    value(replies.get(2)).elements().forEach(name -> names.add(lower(name.text())));
    boolean isProxy = "cashew".equals(fields.get("server_name"));
    return new ServerFacts(
        version,
        fields.get("valkey_version"),
        modules(value(replies.get(1))),
        names.isEmpty() ? null : Set.copyOf(names),
        Map.of(),
        !names.isEmpty(),
        isProxy ? null : fields.get("run_id"),
        address);
  }

  /**
   * The same facts with what the reply to {@link #ARITIES} says, if it is one.
   *
   * @param facts whose commands are kept if they are known
   */
  static ServerFacts withArities(ServerFacts facts, byte[] reply) {
    Map<String, Integer> arities = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (ReplyValue entry : value(reply).elements()) {
      if (!entry.elements().isEmpty()) {
        names.add(lower(entry.elements().get(0).text()));
        addArities(entry, arities);
      }
    }
    if (names.isEmpty()) {
      return facts;
    }
    Set<String> known = facts.commands();
    return facts.with(known == null ? Set.copyOf(names) : known, Map.copyOf(arities));
  }

  /** A command is a list that begins with its name and arity, and may end with its subcommands. */
  private static void addArities(ReplyValue entry, Map<String, Integer> arities) {
    List<ReplyValue> elements = entry.elements();
    if (elements.size() < 2) {
      return;
    }
    String arity = elements.get(1).text();
    if (ARITY.matcher(arity).matches()) {
      arities.put(lower(elements.get(0).text()), Integer.valueOf(arity));
    }
    if (elements.size() > SUBCOMMANDS_AT) {
      elements
          .get(SUBCOMMANDS_AT)
          .elements()
          .forEach(subcommand -> addArities(subcommand, arities));
    }
  }

  static ReplyValue value(byte[] reply) {
    try {
      return ReplyValue.read(Unpooled.wrappedBuffer(reply));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return new ReplyValue('-', "ERR no reply", List.of(), false); // it was cut, or is none
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> fields(String info) {
    Map<String, String> fields = new HashMap<>();
    for (String line : info.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return fields;
  }

  /** Each is a map, or an array of names and values in turn. */
  private static Map<String, Long> modules(ReplyValue list) {
    Map<String, Long> modules = new HashMap<>();
    for (ReplyValue module : list.elements()) {
      Map<String, String> of = new HashMap<>();
      List<ReplyValue> pairs = module.elements();
      for (int i = 0; i + 1 < pairs.size(); i += 2) {
        of.put(pairs.get(i).text(), pairs.get(i + 1).text());
      }
      String name = of.get("name");
      String version = of.getOrDefault("ver", "0");
      if (name != null && version.matches("\\d{1,18}")) {
        modules.put(name, Long.valueOf(version));
      }
    }
    return Map.copyOf(modules);
  }
}
