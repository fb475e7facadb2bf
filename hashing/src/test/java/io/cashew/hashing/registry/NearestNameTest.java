package io.cashew.hashing.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({"fnv1a64,fnv1a_64", "FNV1A_32,fnv1a_32", "murmur2,murmur", "mumrur,murmur", "x,md5"})
  void theNameWithTheFewestChangesIsNearest(String wanted, String nearest) {
    assertEquals(nearest, NearestName.to(wanted, List.of("md5", "fnv1a_64", "fnv1a_32", "murmur")));
  }

  @Test
  void nothingToChooseFromIsAnError() {
    assertThrows(IllegalArgumentException.class, () -> NearestName.to("x", List.of()));
  }
}
