package io.cashew.proxy.admin;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.cache.rule.RuleEffect;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.metrics.RuleRecorder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what the rules of a pool's cache have done, and what is kept. Used by the admin threads. */
public final class CacheRoutes {
  private final Supplier<ProxyView> proxy;

  private CacheRoutes(Supplier<ProxyView> proxy) {
    this.proxy = proxy;
  }

  /** The rows. */
  public static List<Route> of(Supplier<ProxyView> proxy) {
    CacheRoutes routes = new CacheRoutes(proxy);
    return List.of(
        Route.get(
            "/api/cache", "the rules of the caches and their effect as JSON", routes::caches));
  }

  private AdminReply caches(AdminRequest request) {
    List<String> names = request.parameters("pool");
    List<Object> pools =
        proxy.get().pools().stream()
            .filter(pool -> names.isEmpty() || names.contains(pool.name()))
            .map(CacheRoutes::cache)
            .toList();
    byte[] body = (Json.text(Json.object("pools", pools)) + "\n").getBytes(StandardCharsets.UTF_8);
    return AdminReply.of(200, "application/json", body);
  }

  private static Object cache(PoolView pool) {
    NearCache cache = pool.cache();
    List<Rule> rules = rules(pool);
    return Json.object(
        "name",
        pool.name(),
        "memoryBytes",
        cache == null ? null : cache.memory(),
        "bytes",
        rules.stream().mapToLong(rule -> rule.sum(r -> r.bytes)).sum(),
        "unheard",
        pool.nodes().stream().filter(CacheRoutes::isUnheard).map(NodeView::name).toList(),
        "rules",
        rules.stream().map(CacheRoutes::rule).toList());
  }

  private static boolean isUnheard(NodeView node) {
    return node.recorders().stream().anyMatch(recorder -> recorder.unheard > 0);
  }

  /** Those behind the last that has a name of its own are counted together. */
  private static List<Rule> rules(PoolView pool) {
    List<Rule> rules = new ArrayList<>();
    for (CacheRule rule : pool.rules().rules()) {
      String label = CacheRules.label(rule);
      if (rules.isEmpty() || !rules.get(rules.size() - 1).name.equals(label)) {
        List<RuleRecorder> workers =
            pool.recorders().stream()
                .map(worker -> worker.rules.find(label))
                .filter(Objects::nonNull)
                .<RuleRecorder>map(Objects::requireNonNull)
                .toList();
        rules.add(new Rule(label, does(rule), workers));
      }
    }
    return rules;
  }

  private static String does(CacheRule rule) {
    return RuleEffect.of(rule).stream()
        .map(effect -> effect.setting() + " = " + effect.value(rule))
        .collect(Collectors.joining(", "));
  }

  /** A rule, and what the workers count for it. */
  private record Rule(String name, String does, List<RuleRecorder> workers) {
    long sum(ToLongFunction<RuleRecorder> number) {
      return workers.stream().mapToLong(number).sum();
    }
  }

  private static Object rule(Rule rule) {
    long given = rule.sum(r -> r.hits) + rule.sum(r -> r.missingHits);
    long misses = rule.sum(r -> r.misses);
    return Json.object(
        "match", rule.name,
        "does", rule.does,
        "hitRatio", ratio(given, misses),
        "hits", rule.sum(r -> r.hits),
        "missingHits", rule.sum(r -> r.missingHits),
        "misses", misses,
        "entries", rule.sum(r -> r.entries),
        "bytes", rule.sum(r -> r.bytes),
        "evictions", rule.sum(r -> r.evictions),
        "invalidations", rule.sum(r -> r.invalidations),
        "leaseWaits", rule.sum(r -> r.leaseWaits),
        "leaseTimeouts", rule.sum(r -> r.leaseTimeouts),
        "staleOnError", rule.sum(r -> r.staleOnError),
        "guarded", rule.sum(r -> r.guarded),
        "rateLimited", rule.sum(r -> r.rateLimited),
        "redeleted", rule.sum(r -> r.redeleted));
  }

  /** Null: nothing was asked for. */
  private static @Nullable Double ratio(long given, long misses) {
    return given + misses == 0 ? null : (double) given / (given + misses);
  }
}
