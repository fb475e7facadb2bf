package io.cashew.proxy.topology;

import io.cashew.hashing.registry.Registry;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * All kinds of sources by name: the built-in ones, then those that jars on the class path provide
 * through {@link ServiceLoader}. For loading a configuration; it is not fast.
 */
public final class TopologySources {
  /** Shards that stay as they are configured. */
  public static final String STATIC = "static";

  private static final List<TopologySourceFactory> BUILT_IN =
      List.of(new Row(STATIC, StaticShards::new));

  private TopologySources() {}

  /**
   * Looks a kind of sources up.
   *
   * @throws IllegalArgumentException if there is none of this name; the message names the nearest
   */
  public static TopologySourceFactory byName(String name) {
    return registry().byName(name);
  }

  /** All names, the built-in ones first. */
  public static List<String> names() {
    return registry().names();
  }

  private static Registry<TopologySourceFactory> registry() {
    return new Registry<>(
        "source of topologies",
        TopologySourceFactory::name,
        BUILT_IN,
        ServiceLoader.load(TopologySourceFactory.class));
  }

  private record Row(String name, Function<Topology, TopologySource> constructor)
      implements TopologySourceFactory {
    @Override
    public TopologySource create(Topology configured) {
      return constructor.apply(configured);
    }
  }
}
