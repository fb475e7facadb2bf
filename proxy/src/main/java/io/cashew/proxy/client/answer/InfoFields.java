package io.cashew.proxy.client.answer;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the values of several nodes under one name in {@code INFO} become one. A row names those of
 * one kind; what is of no row is added if it is a number, and else what the first node says.
 *
 * <p>The value of one node alone stays as it is.
 */
final class InfoFields {
  private record Row(Pattern names, Function<List<String>, String> merge) {}

  private static Row row(String names, Function<List<String>, String> merge) {
    return new Row(Pattern.compile(names), merge);
  }

  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,18}");
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+\\.\\d+");
  private static final Pattern LIST = Pattern.compile("[^=,]+=[^=,]*(,[^=,]+=[^=,]*)*");

  private static final List<Row> ROWS =
      List.of(
          // What nodes have each for itself: ratios, states, the same library on every node.
          row(".*_(ratio|perc)|arch_bits|lru_clock|hz", InfoFields::first),
          row(
              "maxmemory_policy",
              values -> values.stream().reduce(HarmlessSettings::evictsMost).orElseThrow()),
          row(".*_(in_progress|scheduled|enabled|active|running)", InfoFields::greatest),
          row("loading|async_loading|io_threads_active", InfoFields::greatest),
          row(".*_time_sec|current_cow_size_age|latest_fork_usec", InfoFields::greatest),
          row("client_recent_max_.*|total_system_memory", InfoFields::greatest),
          row("number_of_(cached_scripts|functions|libraries)", InfoFields::greatest),
          row("rdb_last_save_time", InfoFields::least),
          row("maxmemory", InfoFields::sumOfLimits),
          row(".*_status", InfoFields::firstThatIsNotOk),
          row("latency_percentiles_usec_.*", values -> eachField(values, InfoFields::greatest)),
          row("used_cpu_.*|.*_kbps", InfoFields::sum));

  private InfoFields() {}

  /**
   * Merges one section.
   *
   * @param nodes what each node says in it, by name, in its order
   */
  static Map<String, String> merge(List<Map<String, String>> nodes) {
    if (nodes.size() == 1) {
      return nodes.get(0);
    }
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (Map<String, String> node : nodes) {
      node.forEach(
          (name, value) -> values.computeIfAbsent(name, any -> new ArrayList<>()).add(value));
    }
    Map<String, String> merged = new LinkedHashMap<>();
    values.forEach((name, all) -> merged.put(name, merge(name, all)));
    merged.replaceAll((name, value) -> humanAgain(name, value, merged));
    return merged;
  }

  private static String merge(String name, List<String> values) {
    if (values.size() == 1) {
      return values.get(0);
    }
    for (Row row : ROWS) {
      if (row.names().matcher(name).matches()) {
        return row.merge().apply(values);
      }
    }
    if (all(values, INTEGER)) {
      return sum(values);
    }
    return all(values, LIST) ? sumOfFields(values) : first(values);
  }

  private static boolean all(List<String> values, Pattern pattern) {
    return values.stream().allMatch(value -> pattern.matcher(value).matches());
  }

  private static String first(List<String> values) {
    return values.get(0);
  }

  private static String firstThatIsNotOk(List<String> values) {
    return values.stream().filter(value -> !value.equals("ok")).findFirst().orElse("ok");
  }

  private static String sum(List<String> values) {
    return combined(values, BigDecimal::add);
  }

  /** 0 is no limit: together they have none if one has none. */
  private static String sumOfLimits(List<String> values) {
    return values.contains("0") ? "0" : sum(values);
  }

  private static String greatest(List<String> values) {
    return combined(values, BigDecimal::max);
  }

  private static String least(List<String> values) {
    return combined(values, BigDecimal::min);
  }

  private static String combined(List<String> values, BinaryOperator<BigDecimal> operator) {
    boolean areNumbers =
        values.stream()
            .allMatch(
                value -> INTEGER.matcher(value).matches() || DECIMAL.matcher(value).matches());
    return areNumbers
        ? values.stream().map(BigDecimal::new).reduce(operator).orElseThrow().toPlainString()
        : first(values);
  }

  // ---------------------------------------------------------------- name=value,name=value

  private static Map<String, String> fields(String list) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : list.split(",", -1)) {
      int equals = field.indexOf('=');
      fields.put(field.substring(0, Math.max(equals, 0)), field.substring(equals + 1));
    }
    return fields;
  }

  private static String eachField(List<String> lists, Function<List<String>, String> merge) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String list : lists) {
      fields(list)
          .forEach(
              (name, value) -> values.computeIfAbsent(name, any -> new ArrayList<>()).add(value));
    }
    return values.entrySet().stream()
        .map(field -> field.getKey() + "=" + merge.apply(field.getValue()))
        .collect(Collectors.joining(","));
  }

  /** Adds what is a count; means are those of all. */
  private static String sumOfFields(List<String> lists) {
    Map<String, String> sums = fields(eachField(lists, InfoFields::sum));
    sums.computeIfPresent(
        "usec_per_call", (name, sum) -> mean(sums.get("usec"), sums.get("calls"), 2));
    sums.computeIfPresent("avg_ttl", (name, sum) -> meanTtl(lists));
    return sums.entrySet().stream()
        .map(field -> field.getKey() + "=" + field.getValue())
        .collect(Collectors.joining(","));
  }

  private static String mean(@Nullable String sum, @Nullable String count, int decimals) {
    BigDecimal divisor = count == null ? BigDecimal.ZERO : new BigDecimal(count);
    return sum == null || divisor.signum() == 0
        ? BigDecimal.ZERO.setScale(decimals).toPlainString()
        : new BigDecimal(sum).divide(divisor, decimals, RoundingMode.HALF_UP).toPlainString();
  }

  /** Of the keys that expire on any node. */
  private static String meanTtl(List<String> databases) {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal keys = BigDecimal.ZERO;
    for (String database : databases) {
      Map<String, String> fields = fields(database);
      BigDecimal expires = new BigDecimal(fields.getOrDefault("expires", "0"));
      total = total.add(expires.multiply(new BigDecimal(fields.getOrDefault("avg_ttl", "0"))));
      keys = keys.add(expires);
    }
    return mean(total.toPlainString(), keys.toPlainString(), 0);
  }

  // ---------------------------------------------------------------- sizes for people

  /** A size in words is that of the sum, as Redis writes it. */
  private static String humanAgain(String name, String value, Map<String, String> merged) {
    if (!name.endsWith("_human")) {
      return value;
    }
    String bytes = merged.get(name.substring(0, name.length() - "_human".length()));
    return bytes == null || !INTEGER.matcher(bytes).matches()
        ? value
        : human(Long.parseLong(bytes));
  }

  /** Bytes as Redis writes them for people: {@code 1.50M}. */
  static String human(long bytes) {
    if (bytes < 1024) {
      return bytes + "B";
    }
    double size = bytes;
    int unit = -1;
    while (size >= 1024 && unit < "KMGTP".length() - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.2f", size) + "KMGTP".charAt(unit);
  }
}
