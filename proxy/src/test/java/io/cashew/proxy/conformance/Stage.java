package io.cashew.proxy.conformance;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where scripts are played: one server by itself, or a proxy in front of some. A test thread owns
 * it.
 */
final class Stage implements AutoCloseable {
  private final List<RealRedis> nodes = new ArrayList<>();
  private final List<RawClient> controls = new ArrayList<>();
  private final @Nullable TestProxy proxy;

  private Stage(Supplier<Optional<RealRedis>> server, int count, boolean proxied) {
    TestProxy.Builder builder = new TestProxy.Builder().adminCommandsToAllNodes();
    for (int i = 0; i < count; i++) {
      RealRedis node = server.get().orElseThrow();
      nodes.add(node);
      controls.add(node.connect());
      builder.node(node.port());
    }
    proxy = proxied ? builder.timeoutMillis(0).start() : null;
  }

  static Stage direct(Supplier<Optional<RealRedis>> server) {
    return new Stage(server, 1, false);
  }

  static Stage proxied(Supplier<Optional<RealRedis>> server, int nodes) {
    return new Stage(server, nodes, true);
  }

  int port() {
    return proxy == null ? nodes.get(0).port() : proxy.port();
  }

  /** As on the first day: no keys, no scripts, no libraries. */
  void clear() {
    for (RawClient control : controls) {
      control.send("FLUSHALL");
      control.send("SCRIPT", "FLUSH");
      control.send("FUNCTION", "FLUSH");
      control.send("SLOWLOG", "RESET");
      control.send("ACL", "LOG", "RESET");
    }
  }

  /** Clients that block on some node. */
  int blocked() {
    return controls.stream().mapToInt(Stage::blocked).sum();
  }

  private static int blocked(RawClient control) {
    return Integer.parseInt(information(control, "clients", "blocked_clients:"));
  }

  private static String information(RawClient control, String section, String name) {
    String text = String.valueOf(control.send("INFO", section));
    int start = text.indexOf(name) + name.length();
    return text.substring(start, text.indexOf('\r', start));
  }

  /** Version of the servers, times ten: 70 is 7.0. */
  int version() {
    String[] parts = information(controls.get(0), "server", "redis_version:").split("\\.", 3);
    return 10 * Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]);
  }

  /** The names of the commands that the servers know; from 7.0 on with subcommands. */
  Set<String> commands() {
    Set<String> names = new HashSet<>();
    addNames(controls.get(0).send("COMMAND"), names);
    return names;
  }

  private static void addNames(@Nullable Object entries, Set<String> to) {
    if (entries instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof List<?> entry && !entry.isEmpty()) {
          to.add(String.valueOf(entry.get(0)));
          addNames(entry.get(entry.size() - 1), to);
        }
      }
    }
  }

  @Override
  public void close() {
    if (proxy != null) {
      proxy.close();
    }
    controls.forEach(RawClient::close);
    nodes.forEach(RealRedis::close);
  }
}
