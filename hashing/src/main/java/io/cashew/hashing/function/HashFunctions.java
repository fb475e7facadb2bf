package io.cashew.hashing.function;

import io.cashew.hashing.registry.Registry;
import java.util.List;
import java.util.ServiceLoader;

/**
 * All hash functions by name: twemproxy's twelve, then those that jars on the class path provide
 * through {@link ServiceLoader}. For loading a configuration; it is not fast.
 */
public final class HashFunctions {

  /** In the order of twemproxy's documentation. */
  private static final List<HashFunction> BUILT_IN =
      List.of(
          new OneAtATime("one_at_a_time"),
          new Md5("md5"),
          new Crc16("crc16"),
          new Crc32("crc32", 16, 0x7fff),
          new Crc32("crc32a", 0, -1),
          new Fnv1("fnv1_64", Fnv1.INITIAL_64, Fnv1.PRIME_64),
          new Fnv1a("fnv1a_64", Fnv1.INITIAL_64, Fnv1.PRIME_64),
          new Fnv1("fnv1_32", Fnv1.INITIAL_32, Fnv1.PRIME_32),
          new Fnv1a("fnv1a_32", Fnv1.INITIAL_32, Fnv1.PRIME_32),
          new Hsieh("hsieh"),
          new Murmur("murmur"),
          new Jenkins("jenkins"));

  private HashFunctions() {}

  /**
   * Looks a hash function up.
   *
   * @param name as twemproxy spells it: {@code fnv1a_64}
   * @throws IllegalArgumentException if there is none of this name; the message names the nearest
   * @throws IllegalStateException if two jars provide the same name
   */
  public static HashFunction byName(String name) {
    return registry().byName(name);
  }

  /** All names, the built-in ones first. */
  public static List<String> names() {
    return registry().names();
  }

  private static Registry<HashFunction> registry() {
    return new Registry<>(
        "hash", HashFunction::name, BUILT_IN, ServiceLoader.load(HashFunction.class));
  }
}
