package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cashew top} shows: what {@code /api/state} says, and what has changed since the state
 * before.
 *
 * @param now what is
 * @param before what was; null: everything is counted from the start of the proxy
 * @param seconds between the two; from the start, if there is none before
 */
record TopFigures(Config now, @Nullable Config before, double seconds) {

  /** The first line: the proxy as a whole. */
  String heading() {
    return String.format(
            Locale.ROOT,
            "cashew %s  %s  up %s  %d workers on %s  buffers %s of %s  %s",
            now.getString("version"),
            now.getBoolean("ready") ? "ready" : "NOT READY",
            TopText.duration(now.getLong("uptimeSeconds")),
            now.getInt("workers"),
            now.getString("transport"),
            TopText.bytes(now.getDouble("memoryBytes")),
            TopText.bytes(now.getDouble("memoryLimitBytes")),
            before == null ? "(averages since the start)" : "")
        .stripTrailing();
  }

  /** The proxy takes clients. */
  boolean ready() {
    return now.getBoolean("ready");
  }

  /** The pools with their nodes, as the proxy has them. */
  List<TopPool> pools() {
    return configs(now, "pools").stream().map(this::pool).toList();
  }

  private TopPool pool(Config pool) {
    String name = pool.getString("name");
    Config was = before == null ? null : named(before, name, "pools");
    return new TopPool(
        name,
        pool.getString("listen"),
        pool.getLong("clients"),
        perSecond(pool, was, "requests"),
        perSecond(pool, was, "requestBytes"),
        perSecond(pool, was, "replyBytes"),
        pool.getLong("inFlight"),
        sumPerSecond(pool, was, "errors"),
        perSecond(pool, was, "slowRequests"),
        quantile(pool, was, 0.5),
        quantile(pool, was, 0.99),
        configs(pool, "nodes").stream()
            .map(
                node ->
                    node(
                        name,
                        node,
                        was == null ? null : named(was, node.getString("name"), "nodes")))
            .toList());
  }

  private TopNode node(String pool, Config node, @Nullable Config was) {
    return new TopNode(
        pool,
        node.getString("name"),
        node.getString("address"),
        node.getString("state"),
        node.getLong("connections"),
        perSecond(node, was, "requests"),
        perSecond(node, was, "requestBytes"),
        perSecond(node, was, "replyBytes"),
        node.getLong("inFlight"),
        perSecond(node, was, "errorReplies"),
        sumPerSecond(node, was, "failures"),
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

  // A proxy that was started anew in between counts from zero: what it has now is what there was.

  private double perSecond(Config is, @Nullable Config was, String count) {
    return since(is.getDouble(count), was == null ? 0 : was.getDouble(count)) / seconds;
  }

  private double sumPerSecond(Config is, @Nullable Config was, String kinds) {
    return since(sum(is.getObject(kinds)), was == null ? 0 : sum(was.getObject(kinds))) / seconds;
  }

  private static double since(double is, double was) {
    return is < was ? is : is - was;
  }

  private static double sum(ConfigObject kinds) {
    return kinds.values().stream().mapToDouble(TopFigures::toDouble).sum();
  }

  private static double toDouble(ConfigValue value) {
    return ((Number) value.unwrapped()).doubleValue();
  }

  private TopQuantile quantile(Config is, @Nullable Config was, double quantile) {
    double[] counts = buckets(is);
    if (was != null) {
      double[] countsBefore = buckets(was);
      for (int i = 0; i < counts.length; i++) {
        counts[i] = since(counts[i], countsBefore[i]);
      }
    }
    List<Double> bounds =
        now.getList("latencyBucketMicros").stream().map(TopFigures::toDouble).toList();
    return TopQuantile.of(quantile, counts, bounds);
  }

  private static double[] buckets(Config subject) {
    return subject.getList("latency.buckets").stream().mapToDouble(TopFigures::toDouble).toArray();
  }
}
