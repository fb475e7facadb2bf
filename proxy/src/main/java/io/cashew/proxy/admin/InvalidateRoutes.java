package io.cashew.proxy.admin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.command.LinearGlob;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Ends what is kept of keys whose rows have changed in a database: for its change feed. Used by the
 * admin threads.
 */
public final class InvalidateRoutes {
  private static final String FORM =
      "{\"pool\": \"main\", \"keys\": [\"user:1\"]} or {\"pool\": \"main\", \"pattern\": \"user:*\"}";

  private final Function<String, List<NearCache>> caches;

  private InvalidateRoutes(Function<String, List<NearCache>> caches) {
    this.caches = caches;
  }

  /**
   * The row.
   *
   * @param caches what the pool of a name keeps, or those to which its routes lead
   */
  public static List<Route> of(Function<String, List<NearCache>> caches) {
    InvalidateRoutes routes = new InvalidateRoutes(caches);
    return List.of(
        new Route(
            "POST",
            "/api/invalidate",
            "ends what is kept of keys, or of all keys of a pattern: " + FORM,
            request -> CompletableFuture.completedFuture(routes.invalidate(request))));
  }

  private AdminReply invalidate(AdminRequest request) {
    Config body;
    try {
      body =
          ConfigFactory.parseString(
              new String(request.body(), StandardCharsets.UTF_8),
              ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
      boolean pattern = body.hasPath("pattern");
      if (!body.hasPath("pool") || pattern == body.hasPath("keys")) {
        return AdminReply.text(400, "write " + FORM);
      }
      List<NearCache> these = caches.apply(body.getString("pool"));
      if (these.isEmpty()) {
        return AdminReply.text(
            404,
            "no pool '" + body.getString("pool") + "' with rules of a cache that keep anything");
      }
      byte[] glob = pattern ? body.getString("pattern").getBytes(StandardCharsets.UTF_8) : null;
      if (glob != null && !LinearGlob.canCompile(glob)) {
        return AdminReply.text(400, "the pattern has too many parts");
      }
      List<byte[]> keys =
          pattern
              ? List.of()
              : body.getStringList("keys").stream()
                  .map(key -> key.getBytes(StandardCharsets.UTF_8))
                  .toList();
      int ended =
          these.stream()
              .mapToInt(cache -> glob == null ? cache.invalidate(keys) : cache.invalidateAll(glob))
              .sum();
      byte[] reply =
          (Json.text(Json.object("invalidated", ended)) + "\n").getBytes(StandardCharsets.UTF_8);
      return AdminReply.of(200, "application/json", reply);
    } catch (ConfigException e) {
      return AdminReply.text(400, "not understood (" + e.getMessage() + "): write " + FORM);
    }
  }
}
