package io.cashew.proxy.admin;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.RuleEffect;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Says which rule of a pool's cache a key has, and what follows. Used by the admin threads. */
public final class RuleRoutes {
  private final Supplier<ProxyView> proxy;

  private RuleRoutes(Supplier<ProxyView> proxy) {
    this.proxy = proxy;
  }

  /** The rows. */
  public static List<Route> of(Supplier<ProxyView> proxy) {
    RuleRoutes routes = new RuleRoutes(proxy);
    return List.of(Route.get("/api/rule", "the rule of a key (?key=…) as JSON", routes::rule));
  }

  private AdminReply rule(AdminRequest request) {
    List<String> keys = request.parameters("key");
    if (keys.isEmpty()) {
      return AdminReply.text(400, "which key? write /api/rule?key=KEY");
    }
    List<String> names = request.parameters("pool");
    List<String> commands =
        request.parameters("command").stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    ProxyView view = proxy.get();
    List<Object> pools =
        view.pools().stream()
            .filter(pool -> names.isEmpty() || names.contains(pool.name()))
            .<Object>map(
                pool ->
                    Json.object(
                        "name",
                        pool.name(),
                        "keys",
                        keys.stream().map(key -> key(view, pool, key, commands)).toList()))
            .toList();
    byte[] body = (Json.text(Json.object("pools", pools)) + "\n").getBytes(StandardCharsets.UTF_8);
    return AdminReply.of(200, "application/json", body);
  }

  private static Object key(ProxyView view, PoolView pool, String key, List<String> commands) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    @Nullable CacheRule rule = pool.rules().of(bytes);
    PoolView target = view.poolOf(pool, bytes);
    boolean routed = pool.routes() != null;
    @Nullable CacheRule there = routed ? target.rules().of(bytes) : null;
    String match = rule == null ? null : rule.match();
    List<Object> effects = effects(rule, commands);
    return !routed
        ? Json.object("key", key, "rule", match, "effects", effects)
        : Json.object(
            "key",
            key,
            "rule",
            match,
            "effects",
            effects,
            "pool",
            target.name(),
            "ruleOfPool",
            there == null ? null : there.match(),
            "effectsOfPool",
            effects(there, commands));
  }

  private static List<Object> effects(@Nullable CacheRule rule, List<String> commands) {
    return rule == null
        ? List.of()
        : RuleEffect.of(rule).stream()
            .filter(effect -> commands.isEmpty() || commands.stream().anyMatch(effect::isAbout))
            .<Object>map(effect -> effect(effect, rule))
            .toList();
  }

  private static Object effect(RuleEffect effect, CacheRule rule) {
    return Json.object(
        "setting",
        effect.setting(),
        "value",
        effect.value(rule),
        "commands",
        effect.commands(),
        "what",
        effect.what());
  }
}
