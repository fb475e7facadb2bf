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
    List<Object> pools =
        proxy.get().pools().stream()
            .filter(pool -> names.isEmpty() || names.contains(pool.name()))
            .<Object>map(
                pool ->
                    Json.object(
                        "name",
                        pool.name(),
                        "keys",
                        keys.stream().map(key -> key(pool, key, commands)).toList()))
            .toList();
    byte[] body = (Json.text(Json.object("pools", pools)) + "\n").getBytes(StandardCharsets.UTF_8);
    return AdminReply.of(200, "application/json", body);
  }

  private static Object key(PoolView pool, String key, List<String> commands) {
    @Nullable CacheRule rule = pool.rules().of(key.getBytes(StandardCharsets.UTF_8));
    return Json.object(
        "key",
        key,
        "rule",
        rule == null ? null : rule.match(),
        "effects",
        rule == null
            ? List.of()
            : RuleEffect.of(rule).stream()
                .filter(effect -> commands.isEmpty() || commands.stream().anyMatch(effect::isAbout))
                .map(effect -> effect(effect, rule))
                .toList());
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
