package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * A shape that keys typically have, with as many examples as wanted.
 *
 * @param name the shape as documents show it: {@code user:N}
 * @param key the example of a number, from 0; always the same
 */
record KeyShape(String name, IntFunction<String> key) {

  /** What applications name their keys. The numbers of {@code user:N} begin at 1. */
  static final List<KeyShape> TYPICAL =
      List.of(
          new KeyShape("user:N", n -> "user:" + (n + 1)),
          new KeyShape("user:N:name", n -> "user:" + (n + 1) + ":name"),
          new KeyShape("key:%012d", n -> String.format("key:%012d", n)),
          new KeyShape("session:UUID", n -> "session:" + uuid(n)),
          new KeyShape("page:/N.html", n -> "page:/item/" + (1_000 + n) + ".html"));

  private static UUID uuid(int seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return UUID.nameUUIDFromBytes(bytes);
  }

  byte[] bytes(int number) {
    return key.apply(number).getBytes(UTF_8);
  }
}
