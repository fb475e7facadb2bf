package io.cashew.proxy.metrics;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a query in PromQL names. No parser: enough of one for queries that promtool has accepted, to
 * find the names in them that Prometheus itself cannot know to be wrong.
 *
 * @param metrics names of series
 * @param labels names of labels, in matchers and in {@code by}, {@code on} and their like
 * @param kinds what is asked of the label that tells kinds of failures apart
 */
record PrometheusQuery(Set<String> metrics, Set<String> labels, Set<String> kinds) {

  private static final Pattern MATCHER =
      Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_:][A-Za-z0-9_:]*(?!\\w|\\s*\\()");
  private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset", "by");

  static PrometheusQuery of(String text) {
    Set<String> labels = new TreeSet<>();
    Set<String> kinds = new TreeSet<>();
    Matcher matcher = MATCHER.matcher(text);
    while (matcher.find()) {
      labels.add(matcher.group(1));
      if (matcher.group(1).equals("kind")) {
        kinds.addAll(Arrays.asList(matcher.group(2).split("\\|", -1)));
      }
    }
    Matcher grouping = GROUPING.matcher(text);
    while (grouping.find()) {
      for (String label : grouping.group(1).split(",", -1)) {
        if (!label.isBlank()) {
          labels.add(label.strip());
        }
      }
    }
    String bare =
        GROUPING
            .matcher(text)
            .replaceAll(" ")
            .replaceAll("\\{[^}]*\\}", " ")
            .replaceAll("\\[[^\\]]*\\]", " ")
            .replaceAll("\"[^\"]*\"", " ")
            .replaceAll("\\b\\d[\\w.]*", " ");
    Set<String> metrics = new HashSet<>();
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      if (!WORDS.contains(name.group())) {
        metrics.add(name.group());
      }
    }
    return new PrometheusQuery(new TreeSet<>(metrics), labels, kinds);
  }
}
