package io.cashew.proxy.admin;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where a key is, and who serves it now. Used by the admin threads. */
public final class WhereRoutes {
  private final Supplier<ProxyView> proxy;

  private WhereRoutes(Supplier<ProxyView> proxy) {
    this.proxy = proxy;
  }

  /** The rows. */
  public static List<Route> of(Supplier<ProxyView> proxy) {
    WhereRoutes routes = new WhereRoutes(proxy);
    return List.of(
        Route.get(
            "/api/where",
            "which node has a key, who serves it now, and its rule (?key=…&pool=…) as JSON",
            routes::where));
  }

  private AdminReply where(AdminRequest request) {
    List<String> keys = request.parameters("key");
    if (keys.isEmpty()) {
      return AdminReply.text(400, "which key? write /api/where?key=KEY");
    }
    List<String> names = request.parameters("pool");
    List<PoolView> all = proxy.get().pools();
    List<Object> found =
        keys.stream()
            .flatMap(
                key ->
                    all.stream()
                        .filter(pool -> names.isEmpty() || names.contains(pool.name()))
                        .<Object>map(pool -> where(key, pool, all)))
            .toList();
    String body = Json.text(Json.object("keys", found)) + "\n";
    return AdminReply.of(200, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static Object where(String text, PoolView asked, List<PoolView> all) {
    byte[] key = text.getBytes(StandardCharsets.UTF_8);
    Optional<PoolView> routed = routed(key, asked, all);
    PoolView pool = routed.orElse(asked);
    @Nullable CacheRule rule = asked.rules().of(key);
    Optional<NodeView> own = pool.ownerOf(key);
    Optional<NodeView> serves = pool.servedBy(key);
    return Json.object(
        "key", text,
        "pool", asked.name(),
        "routedTo", routed.map(PoolView::name).orElse(null),
        "node", own.map(NodeView::name).orElse(null),
        "servedBy", serves.map(NodeView::name).orElse(null),
        "address", serves.map(NodeView::address).orElse(null),
        "state", serves.map(NodeStates::of).orElse(null),
        "slot", pool.cluster() == null ? null : pool.slotOf(key),
        "rule", rule == null ? null : rule.match(),
        "keptMillis", keptMillis(pool, key));
  }

  private static @Nullable Object keptMillis(PoolView pool, byte[] key) {
    NearCache cache = pool.cache();
    long millis = cache == null ? NearCache.NOT_KEPT : cache.keptMillis(key);
    return millis == NearCache.NOT_KEPT ? null : millis;
  }

  /** The pool to which the routes of a pool lead a key; empty: it has nodes of its own. */
  private static Optional<PoolView> routed(byte[] key, PoolView pool, List<PoolView> all) {
    PoolRoutes routes = pool.routes();
    if (routes == null) {
      return Optional.empty();
    }
    int place = routes.ofUsers().get(PoolRoutes.EVERYBODY).poolOf(key, 0, key.length);
    String name = routes.pools().get(place);
    return all.stream().filter(each -> each.name().equals(name)).findFirst();
  }
}
