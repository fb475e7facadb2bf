package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One picture of {@code cashew top}: what {@code /api/state} says, and what has changed since the
 * state before.
 *
 * @param now what is
 * @param before what was; null: everything is counted from the start of the proxy
 * @param seconds between the two; from the start, if there is none before
 * @param events what has happened, the newest first, as {@code /api/events} says it
 */
record TopView(Config now, @Nullable Config before, double seconds, List<Config> events) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss", Locale.ROOT);

  private static final double KIB = 1024;

  /** The lines of the picture. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "cashew %s  %s  up %s  %d workers on %s  buffers %s of %s  %s",
            now.getString("version"),
            now.getBoolean("ready") ? "ready" : "NOT READY",
            duration(now.getLong("uptimeSeconds")),
            now.getInt("workers"),
            now.getString("transport"),
            bytes(now.getDouble("memoryBytes")),
            bytes(now.getDouble("memoryLimitBytes")),
            before == null ? "(averages since the start)" : ""));
    for (Config pool : configs(now, "pools")) {
      lines.add("");
      lines.addAll(pool(pool));
    }
    if (!events.isEmpty()) {
      lines.add("");
      events.forEach(event -> lines.add(event(event)));
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  private static String event(Config event) {
    return String.format(
        Locale.ROOT,
        "%s  %-5s  %-16s  %s",
        TIME.format(Instant.parse(event.getString("at")).atZone(ZoneId.systemDefault())),
        event.getString("level"),
        event.getString("kind"),
        event.getString("text").lines().findFirst().orElse(""));
  }

  private List<String> pool(Config pool) {
    Config was = before == null ? null : named(before, pool.getString("name"), "pools");
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "pool %s (%s)  clients %d  requests/s %s  in %s/s  out %s/s  in flight %d  errors/s %s"
                + "  slow/s %s  p50 %s  p99 %s",
            pool.getString("name"),
            pool.getString("listen"),
            pool.getLong("clients"),
            rate(pool, was, "requests"),
            bytes(perSecond(pool, was, "requestBytes")),
            bytes(perSecond(pool, was, "replyBytes")),
            pool.getLong("inFlight"),
            number(sumPerSecond(pool, was, "errors")),
            rate(pool, was, "slowRequests"),
            quantile(pool, was, 0.5),
            quantile(pool, was, 0.99)));
    TextTable table =
        new TextTable(
            3,
            List.of(
                "node",
                "address",
                "state",
                "conns",
                "req/s",
                "in/s",
                "out/s",
                "in flight",
                "errors/s",
                "fails/s",
                "p50",
                "p99"));
    for (Config node : configs(pool, "nodes")) {
      table.add(node(node, was == null ? null : named(was, node.getString("name"), "nodes")));
    }
    table.lines().forEach(line -> lines.add("  " + line));
    return lines;
  }

  private List<String> node(Config node, @Nullable Config was) {
    return List.of(
        node.getString("name"),
        node.getString("address"),
        node.getString("state"),
        "" + node.getLong("connections"),
        rate(node, was, "requests"),
        bytes(perSecond(node, was, "requestBytes")),
        bytes(perSecond(node, was, "replyBytes")),
        "" + node.getLong("inFlight"),
        rate(node, was, "errorReplies"),
        number(sumPerSecond(node, was, "failures")),
        quantile(node, was, 0.5),
        quantile(node, was, 0.99));
  }

  /** The objects of a list. */
  static List<Config> configs(Config parent, String list) {
    return parent.getConfigList(list).stream().<Config>map(each -> each).toList();
  }

  private static @Nullable Config named(Config parent, String name, String list) {
    return configs(parent, list).stream()
        .filter(each -> each.getString("name").equals(name))
        .findFirst()
        .orElse(null);
  }

  // ---------------------------------------------------------------- numbers

  private double perSecond(Config is, @Nullable Config was, String count) {
    return (is.getLong(count) - (was == null ? 0 : was.getLong(count))) / seconds;
  }

  private String rate(Config is, @Nullable Config was, String count) {
    return number(perSecond(is, was, count));
  }

  private double sumPerSecond(Config is, @Nullable Config was, String kinds) {
    return (sum(is.getObject(kinds)) - (was == null ? 0 : sum(was.getObject(kinds)))) / seconds;
  }

  private static double sum(ConfigObject kinds) {
    return kinds.values().stream().mapToDouble(TopView::toDouble).sum();
  }

  private static double toDouble(ConfigValue value) {
    return ((Number) value.unwrapped()).doubleValue();
  }

  /** The upper bound of the bucket in which the quantile of what came meanwhile is. */
  private String quantile(Config is, @Nullable Config was, double quantile) {
    double[] counts = buckets(is);
    double[] countsBefore = was == null ? new double[counts.length] : buckets(was);
    double all = 0;
    for (int i = 0; i < counts.length; i++) {
      counts[i] -= countsBefore[i];
      all += counts[i];
    }
    if (all <= 0) {
      return "-";
    }
    ConfigList bounds = now.getList("latencyBucketMicros");
    double rank = quantile * all;
    for (int i = 0; i < bounds.size(); i++) {
      rank -= counts[i];
      if (rank <= 0) {
        return millis(toDouble(bounds.get(i)));
      }
    }
    return ">" + millis(toDouble(bounds.get(bounds.size() - 1)));
  }

  private static double[] buckets(Config subject) {
    return subject.getList("latency.buckets").stream().mapToDouble(TopView::toDouble).toArray();
  }

  private static String millis(double micros) {
    return String.format(Locale.ROOT, micros < 10_000 ? "%.1fms" : "%.0fms", micros / 1000);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value > 0 && value < 10 ? "%.1f" : "%.0f", value);
  }

  private static String bytes(double bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= KIB && unit < 4) {
      size /= KIB;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f" : "%.1f", size) + "BKMGT".charAt(unit);
  }

  private static String duration(long seconds) {
    long days = seconds / 86_400;
    return String.format(
        Locale.ROOT,
        "%s%02d:%02d:%02d",
        days == 0 ? "" : days + "d ",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60);
  }
}
