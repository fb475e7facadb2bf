package io.cashew.hashing.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Things of one kind by name: the built-in ones, then those that other jars provide. Immutable.
 *
 * @param <T> what is looked up
 */
public final class Registry<T> {
  private final String kind;
  private final Map<String, T> byName = new LinkedHashMap<>();

  /**
   * Collects what there is.
   *
   * @param kind what a message calls one of these: {@code hash}
   * @param nameOf the name to look one up by
   * @param builtIn those of this module, in the order in which they are listed
   * @param provided those that a {@link java.util.ServiceLoader} found
   * @throws IllegalStateException if two have the same name; the message names both classes
   * @throws java.util.ServiceConfigurationError if a provided one cannot be made
   */
  public Registry(String kind, Function<T, String> nameOf, List<T> builtIn, Iterable<T> provided) {
    this.kind = kind;
    builtIn.forEach(one -> add(nameOf.apply(one), one));
    provided.forEach(one -> add(nameOf.apply(one), one));
  }

  private void add(String name, T one) {
    T earlier = byName.putIfAbsent(name, one);
    if (earlier != null) {
      throw new IllegalStateException(
          "two of the name '%s' among the known values of %s: %s and %s; remove the jar of one of them"
              .formatted(name, kind, earlier.getClass().getName(), one.getClass().getName()));
    }
  }

  /**
   * Looks one up.
   *
   * @param name exactly as it is spelled, upper and lower case being different
   * @throws IllegalArgumentException if there is none; the message names the nearest and all others
   */
  public T byName(String name) {
    T found = byName.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "unknown %s '%s': did you mean '%s'? Known: %s"
              .formatted(
                  kind,
                  name,
                  NearestName.to(name, byName.keySet()),
                  String.join(", ", byName.keySet())));
    }
    return found;
  }

  /** All names, the built-in ones first. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }
}
