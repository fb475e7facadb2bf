package io.cashew.hashing.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RegistryTest {
  private static final Registry<String> COLOURS =
      new Registry<>("colour", Function.identity(), List.of("red", "blue"), List.of("amber"));

  @Test
  void builtInNamesComeFirst() {
    assertEquals(List.of("red", "blue", "amber"), COLOURS.names());
  }

  @Test
  void namesAreFound() {
    assertEquals("blue", COLOURS.byName("blue"));
    assertEquals("amber", COLOURS.byName("amber"));
  }

  @Test
  void anUnknownNameIsAnErrorThatNamesTheNearest() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> COLOURS.byName("Blu"));
    assertEquals(
        "unknown colour 'Blu': did you mean 'blue'? Known: red, blue, amber", error.getMessage());
  }

  @Test
  void aNameThatIsTakenTwiceIsAnErrorThatNamesBothClasses() {
    IllegalStateException error =
        assertThrows(
            IllegalStateException.class,
            () -> new Registry<>("number", Object::toString, List.of(1L), List.<Number>of(1)));
    assertEquals(
        "two of the name '1' among the known values of number: java.lang.Long and"
            + " java.lang.Integer; remove the jar of one of them",
        error.getMessage());
  }
}
