package io.cashew.proxy.route.gather;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The commands whose replies are merged by what they say, each with how. */
final class Mergers {
  private static final int SLOWLOG_ENTRIES = 10;

  /** Of {@code MEMORY STATS}: neither a size nor a count, so that a sum would mean nothing. */
  private static final Set<String> NOT_SUMMED = Set.of("keys.bytes-per-key");

  private static final Map<String, Merger> ROWS =
      Map.ofEntries(
          Map.entry("commandlog|get", Mergers::slowest),
          Map.entry("debug|digest", Mergers::exclusiveOr),
          Map.entry("function|stats", Mergers::oneThatRunsAScript),
          Map.entry("hotkeys|get", Mergers::thoseThatCount),
          Map.entry("lastsave", replies -> ReplyValue.integer(numbers(replies).min().orElse(0))),
          Map.entry("latency|doctor", Mergers::textsOfEach),
          Map.entry("latency|graph", new FirstOf()),
          Map.entry("latency|histogram", replies -> joinMaps(replies, Mergers::histogram)),
          Map.entry("latency|history", Mergers::history),
          Map.entry("latency|latest", Mergers::latest),
          Map.entry("latency|reset", replies -> ReplyValue.integer(numbers(replies).sum())),
          Map.entry("memory|doctor", Mergers::textsOfEach),
          Map.entry("memory|malloc-stats", Mergers::textsOfEach),
          Map.entry("memory|stats", replies -> joinMaps(replies, Mergers::sumOfNumbers)),
          Map.entry("slowlog|get", Mergers::slowest));

  private Mergers() {}

  /** The merger of a command; null if its response policy says it all. */
  static @Nullable Merger of(Command command) {
    return ROWS.get(command.name());
  }

  private static java.util.stream.LongStream numbers(NodeReplies replies) {
    return replies.values().stream().mapToLong(ReplyValue::number);
  }

  /** The first that is no error; errors of the others, which know nothing of it, do not count. */
  private static final class FirstOf implements Merger {
    @Override
    public ReplyValue merge(NodeReplies replies) {
      return replies.first();
    }

    @Override
    public int needed(int nodes) {
      return 1;
    }
  }

  /** Texts for people, each under its node's name. */
  private static ReplyValue textsOfEach(NodeReplies replies) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < replies.values().size(); i++) {
      text.append(text.length() == 0 || text.charAt(text.length() - 1) == '\n' ? "" : "\n");
      text.append("# Node ").append(replies.nodes().get(i)).append('\n');
      text.append(replies.values().get(i).words());
    }
    return replies.first().withWords(text.toString());
  }

  /** Hexadecimal digits of the same length. */
  private static ReplyValue exclusiveOr(NodeReplies replies) {
    char[] digits = replies.first().text().toCharArray();
    for (ReplyValue value : replies.values().subList(1, replies.values().size())) {
      if (value.text().length() != digits.length) {
        throw new IllegalArgumentException("digests differ in length");
      }
      for (int i = 0; i < digits.length; i++) {
        int bits = Character.digit(digits[i], 16) ^ Character.digit(value.text().charAt(i), 16);
        digits[i] = Character.forDigit(bits & 0xf, 16);
      }
    }
    return replies.first().withText(new String(digits));
  }

  /** The first value is the running script, or nil. */
  private static ReplyValue oneThatRunsAScript(NodeReplies replies) {
    return replies.values().stream()
        .filter(value -> !value.element(1).isNil())
        .findFirst()
        .orElse(replies.first());
  }

  /** An array of one map a node that has counted anything; nil if none has. */
  private static ReplyValue thoseThatCount(NodeReplies replies) {
    List<ReplyValue> maps = elements(replies).toList();
    return maps.isEmpty() ? replies.first() : ReplyValue.array(maps);
  }

  /** Entries of [id, time, microseconds, …]: the newest first, as many as were asked for. */
  private static ReplyValue slowest(NodeReplies replies) {
    List<String> arguments = replies.arguments();
    long count = arguments.size() > 2 ? Long.parseLong(arguments.get(2)) : SLOWLOG_ENTRIES;
    Comparator<ReplyValue> byTime = Comparator.comparingLong(entry -> entry.element(1).number());
    return ReplyValue.array(
        elements(replies)
            .sorted(byTime.reversed())
            .limit(count < 0 ? Long.MAX_VALUE : count)
            .toList());
  }

  private static Stream<ReplyValue> elements(NodeReplies replies) {
    return replies.values().stream().flatMap(value -> value.elements().stream());
  }

  /** Samples of [time, milliseconds]: the oldest first. */
  private static ReplyValue history(NodeReplies replies) {
    return ReplyValue.array(
        elements(replies)
            .sorted(Comparator.comparingLong(sample -> sample.element(0).number()))
            .toList());
  }

  /** [event, time, latest, most]: the latest of any node, and the most of all. */
  private static ReplyValue latest(NodeReplies replies) {
    Map<String, ReplyValue> byEvent = new LinkedHashMap<>();
    elements(replies)
        .forEach(event -> byEvent.merge(event.element(0).text(), event, Mergers::laterEvent));
    return ReplyValue.array(List.copyOf(byEvent.values()));
  }

  private static ReplyValue laterEvent(ReplyValue one, ReplyValue other) {
    ReplyValue later = other.element(1).number() > one.element(1).number() ? other : one;
    List<ReplyValue> elements = new ArrayList<>(later.elements());
    long most = Math.max(one.element(3).number(), other.element(3).number());
    elements.set(3, ReplyValue.integer(most));
    return later.withElements(elements);
  }

  // ---------------------------------------------------------------- maps

  /** What several nodes say under the same name. */
  private record Named(String name, List<ReplyValue> values) {}

  private static ReplyValue joinMaps(NodeReplies replies, Function<Named, ReplyValue> join) {
    return joinMaps(replies.values(), join);
  }

  /** A map of all names, each with what {@code join} makes of its values. */
  private static ReplyValue joinMaps(List<ReplyValue> maps, Function<Named, ReplyValue> join) {
    Map<String, ReplyValue> names = new LinkedHashMap<>();
    Map<String, List<ReplyValue>> values = new LinkedHashMap<>();
    for (ReplyValue map : maps) {
      for (int i = 0; i < map.elements().size(); i += 2) {
        ReplyValue name = map.element(i);
        names.putIfAbsent(name.text(), name);
        values.computeIfAbsent(name.text(), any -> new ArrayList<>()).add(map.element(i + 1));
      }
    }
    List<ReplyValue> elements = new ArrayList<>();
    names.forEach(
        (text, name) -> {
          elements.add(name);
          elements.add(join.apply(new Named(text, values.getOrDefault(text, List.of()))));
        });
    return maps.get(0).withElements(elements);
  }

  /** Integers are added, also those in maps; of all else (ratios) the first node's counts. */
  private static ReplyValue sumOfNumbers(Named named) {
    ReplyValue first = named.values().get(0);
    if (!first.elements().isEmpty()) {
      return joinMaps(named.values(), Mergers::sumOfNumbers);
    }
    if (first.type() != ':' || NOT_SUMMED.contains(named.name())) {
      return first;
    }
    return ReplyValue.integer(named.values().stream().mapToLong(ReplyValue::number).sum());
  }

  /** Of one command: [calls, n, histogram_usec, map of bucket to calls up to it]. */
  private static ReplyValue histogram(Named command) {
    return joinMaps(
        command.values(),
        field ->
            field.values().get(0).elements().isEmpty()
                ? sumOfNumbers(field)
                : sumOfBuckets(field.values()));
  }

  /** What is in a bucket is all that is below its bound; a node without it has no more in it. */
  private static ReplyValue sumOfBuckets(List<ReplyValue> histograms) {
    List<NavigableMap<Long, Long>> nodes = histograms.stream().map(Mergers::buckets).toList();
    Collection<Long> bounds = new TreeSet<>();
    nodes.forEach(node -> bounds.addAll(node.keySet()));
    List<ReplyValue> elements = new ArrayList<>();
    for (Long bound : bounds) {
      long calls = 0;
      for (NavigableMap<Long, Long> node : nodes) {
        Map.Entry<Long, Long> below = node.floorEntry(bound);
        calls += below == null ? 0 : below.getValue();
      }
      elements.add(ReplyValue.integer(bound));
      elements.add(ReplyValue.integer(calls));
    }
    return histograms.get(0).withElements(elements);
  }

  private static NavigableMap<Long, Long> buckets(ReplyValue histogram) {
    NavigableMap<Long, Long> buckets = new TreeMap<>();
    for (int i = 0; i < histogram.elements().size(); i += 2) {
      buckets.put(histogram.element(i).number(), histogram.element(i + 1).number());
    }
    return buckets;
  }
}
