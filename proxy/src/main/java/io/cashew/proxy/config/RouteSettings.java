package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.command.KeyPattern;
import io.cashew.proxy.command.KeyRoutes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a pool with routes sends the keys of a pattern.
 *
 * @param keys a glob, as that of {@code KEYS}
 * @param user whose requests; empty: everybody's
 * @param pool the name of the pool that has the keys
 */
public record RouteSettings(String keys, Optional<String> user, String pool) {
  private static final String FORM =
      "a list of routes: [ { keys = \"session:*\", pool = sessions }, …, { keys = \"*\", pool = main }"
          + " ]";

  /** The rows of its settings. */
  public static final Table<RouteSettings> TABLE =
      Table.titled("A route, in `routes`", RouteSettings::new);

  static final Setting<RouteSettings, String> KEYS =
      TABLE.row(
          "keys",
          CacheKinds.keyPattern(),
          "\"*\"",
          WITH_THE_WHOLE,
          RouteSettings::keys,
          "Which keys: a glob, as that of `KEYS`. The first route that matches a key decides; the last"
              + " one must be `\"*\"`. Channels go by it, too.");

  static final Setting<RouteSettings, Optional<String>> USER =
      TABLE.optional(
          "user",
          Texts.name(),
          "everybody",
          WITH_THE_WHOLE,
          RouteSettings::user,
          "Whose requests: a user of `auth.users`, or `default`. Channels do not go by users.");

  static final Setting<RouteSettings, String> POOL =
      TABLE.required(
          "pool",
          Texts.name(),
          "",
          WITH_THE_WHOLE,
          RouteSettings::pool,
          "The pool that has these keys: one of the same file, with nodes.");

  /** The routes of a pool. */
  static final Kind<List<RouteSettings>> KIND =
      Kind.<List<RouteSettings>>structure(FORM, RouteSettings::read)
          .shownAs(routes -> String.join(", ", routes.stream().map(RouteSettings::text).toList()))
          .writtenAs(
              (routes, hides) ->
                  Kinds.lines(routes.stream().map(each -> TABLE.object(each, hides)).toList()))
          .withElements(TABLE);

  private RouteSettings(Values<RouteSettings> from) {
    this(from.get(KEYS), from.get(USER), from.get(POOL));
  }

  private String text() {
    return keys + user.map(name -> " of " + name).orElse("") + " to " + pool;
  }

  /** Whether it is for all keys, and everybody's. */
  private boolean isForAll() {
    return keys.equals(KeyRoutes.ALL) && user.isEmpty();
  }

  /** Whether nothing that is for a later one gets past this. */
  private boolean decidesBefore(RouteSettings later) {
    return (user.isEmpty() || user.equals(later.user)) && KeyPattern.covers(keys, later.keys);
  }

  private static List<RouteSettings> read(ConfigValue value, Place place) throws BadValue {
    List<RouteSettings> routes = new ArrayList<>();
    boolean whole = true;
    for (ConfigValue each : Kinds.listOf(value, FORM, "is empty: a pool needs one, for its keys")) {
      int index = routes.size();
      if (!(each instanceof ConfigObject object)) {
        place.report(
            each, place.key(index), "must be an object { … }, not " + Kinds.typeName(each));
        whole = false;
        continue;
      }
      Section section = place.element(index, object, TABLE);
      RouteSettings route = TABLE.read(section);
      refuseUnreachable(route, routes, section);
      routes.add(route);
    }
    if (whole && !routes.get(routes.size() - 1).isForAll()) {
      throw new BadValue(
          "must end with { keys = \"*\", pool = … }: a key that no other route matches has no pool");
    }
    return routes;
  }

  private static void refuseUnreachable(
      RouteSettings route, List<RouteSettings> before, Section section) {
    for (int i = 0; i < before.size(); i++) {
      if (before.get(i).decidesBefore(route)) {
        section.report(
            section.has(KEYS) ? KEYS : POOL,
            "'"
                + route.keys
                + "' never decides: routes["
                + i
                + "], '"
                + before.get(i).keys
                + "', comes first and matches all its keys; move this one before it, or remove one"
                + " of them");
        return;
      }
    }
  }
}
