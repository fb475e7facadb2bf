package io.cashew.hashing.distribution;

import io.cashew.hashing.registry.Registry;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.BiFunction;

/**
 * All distributions by name: the built-in ones, then those that jars on the class path provide
 * through {@link ServiceLoader}. For loading a configuration; it is not fast.
 */
public final class Distributions {
  private static final List<DistributionFactory> BUILT_IN =
      List.of(
          new Row("ketama", Ketama::new),
          new Row("modula", Modula::new),
          new Row("random", RandomChoice::new),
          new Row("slots", Slots::new),
          new Row(ShardedJedis.NAME, ShardedJedis::new));

  private Distributions() {}

  /**
   * Looks a distribution up.
   *
   * @param name as in a configuration file: {@code ketama}
   * @throws IllegalArgumentException if there is none of this name; the message names the nearest
   * @throws IllegalStateException if two jars provide the same name
   */
  public static DistributionFactory byName(String name) {
    return registry().byName(name);
  }

  /** All names, the built-in ones first. */
  public static List<String> names() {
    return registry().names();
  }

  private static Registry<DistributionFactory> registry() {
    return new Registry<>(
        "distribution",
        DistributionFactory::name,
        BUILT_IN,
        ServiceLoader.load(DistributionFactory.class));
  }

  private record Row(
      String name, BiFunction<List<Member>, DistributionOptions, Distribution> constructor)
      implements DistributionFactory {

    @Override
    public Distribution create(List<Member> members, DistributionOptions options) {
      return constructor.apply(members, options);
    }
  }
}
