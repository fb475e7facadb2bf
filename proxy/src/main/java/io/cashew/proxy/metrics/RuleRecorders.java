package io.cashew.proxy.metrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one worker counts for the rules of one pool's cache, by what the rules are called. Changed
 * by the worker when it is given rules; a scrape reads it.
 */
public final class RuleRecorders {
  private final Map<String, RuleRecorder> byRule = new ConcurrentHashMap<>();

  /** The recorder of a rule: the same as before, if there was one. */
  public RuleRecorder of(String rule) {
    return byRule.computeIfAbsent(rule, absent -> new RuleRecorder());
  }

  /** The recorder of a rule; null: it has none. */
  public @Nullable RuleRecorder find(String rule) {
    return byRule.get(rule);
  }

  /** Ends those of all other rules. */
  public void keepOnly(Collection<String> rules) {
    byRule.keySet().retainAll(rules);
  }

  /** The recorders of several workers by the rule. */
  static Map<String, List<RuleRecorder>> byRule(Collection<RuleRecorders> workers) {
    Map<String, List<RuleRecorder>> labelled = new TreeMap<>();
    for (RuleRecorders worker : workers) {
      worker.byRule.forEach(
          (rule, recorder) ->
              labelled.computeIfAbsent(rule, absent -> new ArrayList<>()).add(recorder));
    }
    return labelled;
  }
}
