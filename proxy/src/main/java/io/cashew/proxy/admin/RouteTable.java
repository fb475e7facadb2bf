package io.cashew.proxy.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows by path and method, with the index of them at {@code /help}. Immutable. */
final class RouteTable {

  /** Where the index is. */
  static final String HELP = "/help";

  private final Map<String, Map<String, Route>> byPath = new LinkedHashMap<>();

  /**
   * Orders the rows.
   *
   * @throws IllegalArgumentException if two answer the same method on the same path
   */
  RouteTable(List<Route> routes) {
    List<Route> all = new ArrayList<>(routes);
    all.add(Route.get(HELP, "this list", this::help));
    for (Route route : all) {
      Route other =
          byPath
              .computeIfAbsent(route.path(), path -> new TreeMap<>())
              .putIfAbsent(route.method(), route);
      if (other != null) {
        throw new IllegalArgumentException(
            "two routes answer " + route.method() + " " + route.path() + ": remove one");
      }
    }
  }

  private AdminReply help(AdminRequest request) {
    return AdminReply.text(200, "Cashew\n\n" + index());
  }

  /** The row that answers, or null. {@code HEAD} finds the row of {@code GET}. */
  @Nullable Route find(String method, String path) {
    return byPath.getOrDefault(path, Map.of()).get(method.equals("HEAD") ? "GET" : method);
  }

  /** The methods that a path answers; empty if there is no such path. */
  Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>(byPath.getOrDefault(path, Map.of()).keySet());
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    return methods;
  }

  /** One line a row: method, path, help. */
  String index() {
    return byPath.values().stream()
        .flatMap(byMethod -> byMethod.values().stream())
        .filter(route -> !route.help().isEmpty())
        .map(route -> "%-5s%-12s %s".formatted(route.method(), route.path(), route.help()))
        .collect(Collectors.joining("\n"));
  }
}
