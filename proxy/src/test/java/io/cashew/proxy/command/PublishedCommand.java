package io.cashew.proxy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One command as {@code COMMAND} shows it, in a form that can be compared: what is a set for Redis
 * is a set here. Redis 6.2 shows the first seven elements only.
 */
record PublishedCommand(
    String name,
    long arity,
    Set<String> flags,
    List<Long> keyRange,
    Set<String> aclCategories,
    Set<String> tips,
    List<Map<String, Object>> keySpecs) {

  /** Adds an entry of {@code COMMAND}'s reply and its subcommands. */
  static void addAll(@Nullable Object reply, Map<String, PublishedCommand> to) {
    List<?> entry = list(reply);
    boolean isSeven = entry.size() > 7;
    PublishedCommand command =
        new PublishedCommand(
            String.valueOf(entry.get(0)),
            number(entry.get(1)),
            words(entry.get(2)),
            List.of(number(entry.get(3)), number(entry.get(4)), number(entry.get(5))),
            words(entry.get(6)),
            isSeven ? words(entry.get(7)) : Set.of(),
            isSeven ? specs(entry.get(8)) : List.of());
    to.put(command.name(), command);
    if (isSeven) {
      list(entry.get(9)).forEach(subcommand -> addAll(subcommand, to));
    }
  }

  static Map<String, PublishedCommand> all(@Nullable Object reply) {
    Map<String, PublishedCommand> all = new TreeMap<>();
    list(reply).forEach(entry -> addAll(entry, all));
    return all;
  }

  private static List<Map<String, Object>> specs(@Nullable Object reply) {
    List<Map<String, Object>> specs = new ArrayList<>();
    for (Object element : list(reply)) {
      Map<String, Object> spec = map(element);
      // Remarks for humans.
      spec.remove("notes");
      spec.put("flags", words(spec.get("flags")));
      spec.put("begin_search", nested(spec.get("begin_search")));
      spec.put("find_keys", nested(spec.get("find_keys")));
      specs.add(spec);
    }
    return specs;
  }

  private static Map<String, Object> nested(@Nullable Object reply) {
    Map<String, Object> step = map(reply);
    step.put("spec", map(step.get("spec")));
    return step;
  }

  private static Map<String, Object> map(@Nullable Object reply) {
    List<?> pairs = list(reply);
    Map<String, Object> map = new TreeMap<>();
    for (int i = 0; i < pairs.size(); i += 2) {
      map.put(String.valueOf(pairs.get(i)), pairs.get(i + 1));
    }
    return map;
  }

  private static Set<String> words(@Nullable Object reply) {
    Set<String> words = new TreeSet<>();
    list(reply).forEach(word -> words.add(String.valueOf(word)));
    return words;
  }

  private static long number(@Nullable Object reply) {
    if (reply instanceof Long number) {
      return number;
    }
    throw unexpected(reply);
  }

  private static List<?> list(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      return list;
    }
    throw unexpected(reply);
  }

  private static AssertionError unexpected(@Nullable Object reply) {
    return new AssertionError("not what COMMAND replies: " + reply);
  }
}
