package io.cashew.proxy.conformance;

import static java.util.Comparator.comparing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * What of a command's reply may differ between two runs against the very same server. A reply
 * without a row here must be the same to the byte.
 *
 * @param command first words of the request, upper case
 * @param hide makes replies that mean the same the same
 */
record Mask(String command, UnaryOperator<Reply> hide, String reason) {

  private static final String SETS = "a set has no order: it depends on the hash seed of a server";
  private static final String CHANCE = "the server picks at random";
  private static final String CLOCK = "time passes between two runs";
  private static final String PROCESS = "it speaks of one process, or of one connection";
  private static final String OWN_HELP = "the proxy tells of the subcommands that it has";
  private static final String MEMORY = "allocators and seeds differ between processes";

  static final List<Mask> ROWS =
      List.of(
          new Mask("SMEMBERS", Mask::unordered, SETS),
          new Mask("SUNION", Mask::unordered, SETS),
          new Mask("SINTER", Mask::unordered, SETS),
          new Mask("SDIFF", Mask::unordered, SETS),
          new Mask("SRANDMEMBER", Mask::shape, CHANCE),
          new Mask("SPOP", Mask::shape, CHANCE),
          new Mask("HRANDFIELD", Mask::shape, CHANCE),
          new Mask("ZRANDMEMBER", Mask::shape, CHANCE),
          new Mask("RANDOMKEY", Mask::shape, CHANCE),
          new Mask("HGETALL", Mask::unorderedPairs, "as of a set, once a hash has grown large"),
          new Mask("HKEYS", Mask::unordered, "as of a set, once a hash has grown large"),
          new Mask("HVALS", Mask::unordered, "as of a set, once a hash has grown large"),
          new Mask("KEYS", Mask::unordered, SETS),
          new Mask("SSCAN", Mask::scanned, SETS),
          new Mask("SCAN", Mask::scanned, SETS + "; the cursor carries the node"),
          new Mask("TTL", Mask::numbers, CLOCK),
          new Mask("PTTL", Mask::numbers, CLOCK),
          new Mask("OBJECT IDLETIME", Mask::numbers, CLOCK),
          new Mask("OBJECT FREQ", Mask::numbers, "the counter grows by chance"),
          new Mask("TIME", Mask::shape, CLOCK),
          new Mask("LASTSAVE", Mask::shape, CLOCK),
          new Mask("XADD", Mask::ids, "an id of its own is the time"),
          new Mask("XRANGE", Mask::ids, "as XADD"),
          new Mask("XPENDING", Mask::idleTimes, CLOCK),
          new Mask("XINFO", Mask::times, CLOCK),
          new Mask("MEMORY USAGE", Mask::shape, MEMORY),
          new Mask("MEMORY STATS", Mask::typeOnly, MEMORY),
          new Mask("MEMORY MALLOC-STATS", Mask::typeOnly, MEMORY),
          new Mask("MEMORY DOCTOR", Mask::typeOnly, MEMORY),
          new Mask("INFO", Mask::typeOnly, PROCESS),
          new Mask("LOLWUT", Mask::typeOnly, "art by chance"),
          new Mask("HELLO", Mask::numbersAndVersions, PROCESS),
          new Mask("CLIENT ID", Mask::shape, PROCESS),
          new Mask("CLIENT LIST", Mask::typeOnly, PROCESS),
          new Mask("CLIENT INFO", Mask::typeOnly, PROCESS),
          new Mask("SLOWLOG", Mask::typeOnly, CLOCK),
          new Mask("LATENCY", Mask::typeOnly, CLOCK),
          new Mask("COMMAND INFO", Mask::typeOnly, "RowsAgainstRedisTest compares it word by word"),
          new Mask("COMMAND LIST", Mask::unordered, SETS),
          new Mask("COMMAND COUNT", Mask::shape, "the table knows more commands than one server"),
          new Mask("FUNCTION STATS", Mask::numbers, "engines in no order"),
          new Mask("FUNCTION LIST", Mask::unorderedLists, "libraries and functions in no order"),
          new Mask("ACL CAT", Mask::typeOnly, "the table knows more commands than one server"),
          new Mask("ACL HELP", Mask::typeOnly, OWN_HELP),
          new Mask("CLIENT HELP", Mask::typeOnly, OWN_HELP),
          new Mask("COMMAND HELP", Mask::typeOnly, OWN_HELP),
          new Mask("ACL GENPASS", Mask::shape, CHANCE),
          new Mask("DEBUG", Mask::shape, PROCESS));

  /** Hides what a reply to these arguments may differ in. */
  static Reply apply(List<String> request, Reply reply) {
    if (reply.line().startsWith("-ERR unknown command")) {
      return Reply.of(quoted(reply.line()));
    }
    if (reply.line().contains("(P|S)SUBSCRIBE")) {
      return Reply.of(reply.line().replace("(P|S)", "(P)")); // Redis 7 knows sharded channels
    }
    if (request.isEmpty() || reply.type() == '-') {
      return reply;
    }
    String name = request.get(0).toUpperCase(Locale.ROOT);
    String names = request.size() < 2 ? name : name + " " + request.get(1).toUpperCase(Locale.ROOT);
    for (Mask mask : ROWS) {
      if (mask.command.equals(name) || mask.command.equals(names)) {
        return mask.hide.apply(reply);
      }
    }
    return reply;
  }

  /** Redis 6 quotes `so`, and Redis 7 'so'; the proxy speaks as Redis 7 does. */
  private static String quoted(String line) {
    return line.replaceAll("`, (?!with)", "` ").replace('`', '\'');
  }

  private static Reply unordered(Reply reply) {
    return reply.with(reply.elements().stream().sorted(comparing(Reply::bytes)).toList());
  }

  /** Lists of aggregates have no order, at any depth. */
  private static Reply unorderedLists(Reply reply) {
    List<Reply> elements = new ArrayList<>();
    reply.elements().forEach(element -> elements.add(unorderedLists(element)));
    if (elements.stream().noneMatch(element -> element.elements().isEmpty())) {
      elements.sort(comparing(Reply::bytes));
    }
    return reply.with(elements);
  }

  private static Reply unorderedPairs(Reply reply) {
    List<Reply> pairs = new ArrayList<>();
    for (int i = 0; i + 1 < reply.elements().size(); i += 2) {
      pairs.add(Reply.of("pair").with(reply.elements().subList(i, i + 2)));
    }
    pairs.sort(comparing(Reply::bytes));
    return reply.with(pairs);
  }

  private static Reply scanned(Reply reply) {
    if (reply.elements().size() != 2) {
      return reply;
    }
    return reply.with(List.of(Reply.of("$cursor"), unordered(reply.elements().get(1))));
  }

  /** A number is a number; one below 0 has a meaning. */
  private static Reply numbers(Reply reply) {
    return reply.mapLeaves(
        leaf -> leaf.type() == ':' && !leaf.line().startsWith(":-") ? Reply.of(":#") : leaf);
  }

  /** Of entries that are pending: id, consumer, milliseconds, count. */
  private static Reply idleTimes(Reply reply) {
    return reply.with(
        reply.elements().stream()
            .map(
                entry -> {
                  List<Reply> fields = new ArrayList<>(entry.elements());
                  if (fields.size() == 4) {
                    fields.set(2, Reply.of(":#"));
                  }
                  return entry.with(fields);
                })
            .toList());
  }

  /** Points in time, and what follows the word "idle". */
  private static Reply times(Reply reply) {
    List<Reply> elements = new ArrayList<>();
    boolean isIdle = false;
    for (Reply element : reply.elements()) {
      elements.add(isIdle ? Reply.of(":#") : times(element));
      isIdle = element.text().equals("idle");
    }
    return reply.line().matches(":\\d{12,}") ? Reply.of(":#") : reply.with(elements);
  }

  private static Reply numbersAndVersions(Reply reply) {
    return numbers(
        reply.mapLeaves(leaf -> leaf.text().matches("\\d+\\.\\d+\\.\\d+") ? Reply.of("$#") : leaf));
  }

  private static Reply ids(Reply reply) {
    return reply.mapLeaves(leaf -> leaf.text().matches("\\d{13}-\\d+") ? Reply.of("$id") : leaf);
  }

  /** Types and counts, but no values. */
  private static Reply shape(Reply reply) {
    return reply.mapLeaves(
        leaf ->
            leaf.text().equals("-1") || leaf.type() == '*'
                ? leaf
                : Reply.of(String.valueOf(leaf.type())));
  }

  private static Reply typeOnly(Reply reply) {
    return Reply.of(String.valueOf(reply.type()));
  }
}
