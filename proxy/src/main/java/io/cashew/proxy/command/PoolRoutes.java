package io.cashew.proxy.command;

import java.util.ArrayList;
import java.util.List;

/**
 * Which of several pools has a key, for each user. Immutable, shared by all threads.
 *
 * @param routes in their order
 * @param users those that any route names
 * @param ofUsers the routes of everybody else, then those of each of the users
 */
public record PoolRoutes(List<One> routes, List<String> users, List<KeyRoutes> ofUsers) {
  /** The place among {@link #ofUsers} of the routes of whom no route names. */
  public static final int EVERYBODY = 0;

  /**
   * One route.
   *
   * @param keys a pattern of keys
   * @param user whose; empty: everybody's
   * @param pool that has them
   */
  public record One(String keys, String user, String pool) {}

  /**
   * Compiles routes.
   *
   * @param routes the last of them everybody's, for {@link KeyRoutes#ALL}
   */
  public static PoolRoutes of(List<One> routes) {
    List<String> users =
        routes.stream().map(One::user).filter(user -> !user.isEmpty()).distinct().toList();
    List<String> pools = new ArrayList<>(List.of(routes.get(routes.size() - 1).pool()));
    routes.stream()
        .map(One::pool)
        .distinct()
        .filter(pool -> !pools.contains(pool))
        .forEach(pools::add);
    List<KeyRoutes> ofUsers = new ArrayList<>();
    ofUsers.add(keyRoutes(routes, "", pools));
    users.forEach(user -> ofUsers.add(keyRoutes(routes, user, pools)));
    return new PoolRoutes(List.copyOf(routes), users, List.copyOf(ofUsers));
  }

  private static KeyRoutes keyRoutes(List<One> routes, String user, List<String> pools) {
    List<One> its =
        routes.stream().filter(one -> one.user().isEmpty() || one.user().equals(user)).toList();
    return new KeyRoutes(
        its.stream().map(One::keys).toList(), its.stream().map(One::pool).toList(), pools);
  }

  /**
   * The pools, each once. That of the last route is the first, so that commands without a key go
   * where most keys are.
   */
  public List<String> pools() {
    return ofUsers.get(EVERYBODY).pools();
  }

  /** The place of a user's routes among {@link #ofUsers}. */
  public int placeOf(String user) {
    return users.indexOf(user) + 1;
  }

  /** The routes of a user. */
  public KeyRoutes of(String user) {
    return ofUsers.get(placeOf(user));
  }
}
