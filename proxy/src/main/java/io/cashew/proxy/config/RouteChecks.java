package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What must hold of a pool with routes, and of the pools that they lead to. Used by the thread that
 * reads the file.
 */
final class RouteChecks {
  private RouteChecks() {}

  /** What is about nodes is a matter of the pools that have some. */
  static void refuseBesideRoutes(Section section) {
    if (!section.has(PoolSettings.ROUTES)) {
      return;
    }
    for (Setting<?, ?> each : ofNodes()) {
      if (section.has(each)) {
        section.report(
            each,
            "has no use beside routes: it is a matter of the pools that they lead to; remove it");
      }
    }
    section.get(CacheSettings.RULES).stream()
        .filter(RouteChecks::doesMore)
        .findFirst()
        .ifPresent(
            rule ->
                section.report(
                    CacheSettings.RULES,
                    "do more than rate and ttl-jitter for '"
                        + rule.match()
                        + "', which is a matter of the pool that has the keys: remove the others"));
  }

  private static boolean doesMore(CacheRule rule) {
    return rule.hearsOfWrites()
        || rule.collapses()
        || rule.guard() != Guard.OFF
        || !rule.redeleteMillis().isEmpty();
  }

  private static List<Setting<?, ?>> ofNodes() {
    List<Setting<?, ?>> rows = new ArrayList<>();
    rows.add(PoolSettings.NODES);
    rows.addAll(ClusterSettings.TABLE.rows());
    rows.addAll(PlacementSettings.TABLE.rows());
    rows.addAll(NodeConnections.TABLE.rows());
    rows.remove(NodeConnections.RETRY_READS);
    rows.addAll(HealthSettings.TABLE.rows());
    rows.addAll(ReadSettings.TABLE.rows());
    rows.addAll(SentinelSettings.TABLE.rows());
    rows.add(AuthSettings.NODE_AUTH);
    PoolTls.TABLE.rows().stream()
        .filter(each -> each.key().startsWith("node-tls"))
        .forEach(rows::add);
    rows.add(LimitSettings.UNSENT_PER_NODE);
    rows.add(LimitSettings.DATABASES);
    rows.add(LimitSettings.PINNED_PER_NODE);
    return rows;
  }

  /** Looks at all pools of a file, each with its section. */
  static void check(Map<Section, PoolSettings> pools) {
    Map<String, PoolSettings> byName =
        pools.values().stream()
            .collect(Collectors.toMap(PoolSettings::name, pool -> pool, (one, other) -> one));
    pools.forEach((section, pool) -> check(section, pool, byName));
    pools.forEach(
        (section, pool) -> {
          if (!section.mentions(PoolSettings.LISTEN) && !isRoutedTo(pool, byName)) {
            section.report(
                section.self(),
                PoolSettings.LISTEN.key(),
                "is missing: it must be "
                    + PoolSettings.LISTEN.kind().form()
                    + ", unless a route of another pool leads here");
          }
        });
  }

  private static boolean isRoutedTo(PoolSettings pool, Map<String, PoolSettings> byName) {
    return byName.values().stream()
        .flatMap(each -> each.routes().stream())
        .anyMatch(route -> route.pool().equals(pool.name()));
  }

  private static void check(Section section, PoolSettings pool, Map<String, PoolSettings> byName) {
    for (int i = 0; i < pool.routes().size(); i++) {
      String name = pool.routes().get(i).pool();
      if (name.isEmpty()) { // it was reported that there is none
        continue;
      }
      refuseUnknownUser(section, pool, i);
      PoolSettings target = byName.get(name);
      Optional<String> wrong =
          target == null
              ? Optional.of("'" + name + "' is no pool of this file: there are " + names(byName))
              : whatIsWrong(pool, target);
      String key = section.place(PoolSettings.ROUTES.key()).key(i) + "." + RouteSettings.POOL.key();
      ConfigValue at = placeOf(section, i);
      wrong.ifPresent(text -> section.report(at, key, text));
    }
  }

  private static void refuseUnknownUser(Section section, PoolSettings pool, int index) {
    Optional<String> user = pool.routes().get(index).user();
    if (user.isPresent() && pool.protocol().isMemcached()) {
      section.report(
          placeOf(section, index),
          section.place(PoolSettings.ROUTES.key()).key(index) + "." + RouteSettings.USER.key(),
          "'" + user.get() + "' cannot be told from others: memcached has no users; remove it");
    } else if (user.isPresent()
        && !user.get().equals("default")
        && pool.auth().users().stream().noneMatch(each -> each.name().equals(user.get()))) {
      section.report(
          placeOf(section, index),
          section.place(PoolSettings.ROUTES.key()).key(index) + "." + RouteSettings.USER.key(),
          "'" + user.get() + "' is no user of this pool: auth.users has none of that name");
    }
  }

  private static ConfigValue placeOf(Section section, int index) {
    return section.placeOf(PoolSettings.ROUTES) instanceof ConfigList list && index < list.size()
        ? list.get(index)
        : section.self();
  }

  private static String names(Map<String, PoolSettings> byName) {
    return String.join(
        " ",
        byName.values().stream()
            .filter(pool -> !pool.hasRoutes())
            .map(PoolSettings::name)
            .sorted()
            .toList());
  }

  private static String spoken(PoolSettings pool) {
    return pool.protocol().isMemcached() ? "memcached" : "redis";
  }

  private static Optional<String> whatIsWrong(PoolSettings pool, PoolSettings target) {
    String name = "'" + target.name() + "' ";
    if (target.name().equals(pool.name())) {
      return Optional.of(name + "is the pool itself: name the pool that has the keys");
    }
    if (target.hasRoutes()) {
      return Optional.of(name + "has routes itself: name the pool that has the keys");
    }
    if (target.protocol().protocol() != pool.protocol().protocol()) {
      return Optional.of(
          name
              + "speaks "
              + spoken(target)
              + ", and this pool "
              + spoken(pool)
              + ": routes lead to pools that speak what their clients do (protocol)");
    }
    return Optional.empty();
  }
}
