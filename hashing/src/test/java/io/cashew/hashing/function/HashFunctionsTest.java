package io.cashew.hashing.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class HashFunctionsTest {
  private static final List<String> OF_TWEMPROXY =
      List.of(
          "one_at_a_time",
          "md5",
          "crc16",
          "crc32",
          "crc32a",
          "fnv1_64",
          "fnv1a_64",
          "fnv1_32",
          "fnv1a_32",
          "hsieh",
          "murmur",
          "jenkins");

  @Test
  void theTwelveOfTwemproxyAreBuiltInUnderItsNames() {
    assertEquals(OF_TWEMPROXY, HashFunctions.names().subList(0, 12));
    for (String name : OF_TWEMPROXY) {
      assertEquals(name, HashFunctions.byName(name).name());
    }
  }

  @Test
  void anUnknownNameIsAnErrorThatNamesTheNearest() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> HashFunctions.byName("fnv1a64"));
    assertEquals(
        "unknown hash 'fnv1a64': did you mean 'fnv1a_64'? Known: "
            + String.join(", ", HashFunctions.names()),
        error.getMessage());
  }

  @Test
  void anotherJarMayProvideAHash() {
    assertEquals(Djb2.class, HashFunctions.byName("djb2").getClass());
    assertEquals(List.of("djb2"), HashFunctions.names().subList(12, 13));
  }
}
