package io.cashew.proxy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.ClassSizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * How large a class may be, with the exceptions that there are. One that has become small enough is
 * to be removed from the list, and none may grow.
 */
final class ClassSizeTest {
  private static final List<ClassSizes> SIZES =
      List.of(measure("src/main/java"), measure("../hashing/src/main/java"));

  /** What is measured of classes and methods, and the most that one may have. */
  private enum Measure {
    LINES_OF_CLASS(500),
    LINES_OF_METHOD(60),
    BOOLEANS(4),
    FIELDS(20);

    private final int most;

    Measure(int most) {
      this.most = most;
    }

    private Map<String, Integer> of(ClassSizes sizes) {
      return switch (this) {
        case LINES_OF_CLASS -> sizes.lines();
        case LINES_OF_METHOD -> sizes.methodLines();
        case BOOLEANS -> sizes.booleans();
        case FIELDS -> sizes.fields();
      };
    }

    private Map<String, Integer> all() {
      Map<String, Integer> all = new HashMap<>();
      SIZES.forEach(sizes -> of(sizes).forEach((name, size) -> all.merge(name, size, Math::max)));
      return all;
    }
  }

  /** A class or method that may be larger. */
  private record Larger(Measure measure, String name, int most, String reason) {}

  private static Larger larger(Measure measure, String name, int most, String reason) {
    return new Larger(measure, name, most, reason);
  }

  private static final List<Larger> EXCEPTIONS =
      List.of(
          larger(
              Measure.LINES_OF_CLASS,
              "ClientConnection",
              583,
              "all that a channel tells its handler, and all ways in which a connection ends"),
          larger(
              Measure.LINES_OF_CLASS,
              "ConnectedClient",
              598,
              "the one implementation of Client: many short methods that hand on"),
          larger(
              Measure.LINES_OF_CLASS,
              "Transaction",
              640,
              "five commands over one state, what can be queued between them, and its new begin"
                  + " where its keys have gone"),
          larger(
              Measure.BOOLEANS,
              "Transaction",
              5,
              "what the client has said and what the node knows may differ in each of these"),
          larger(Measure.FIELDS, "Command", 31, "a row: a field a column, all of them final"),
          larger(Measure.FIELDS, "PoolRecorder", 27, "a field is a number of the metrics"));

  private static ClassSizes measure(String sources) {
    try {
      return ClassSizes.of(Path.of(sources));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> nothingIsLargerThanItMayBe() {
    return Stream.of(Measure.values())
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () -> measure.all().forEach((name, size) -> check(measure, name, size))));
  }

  private static void check(Measure measure, String name, int size) {
    int most =
        EXCEPTIONS.stream()
            .filter(row -> row.measure() == measure && row.name().equals(name))
            .mapToInt(Larger::most)
            .findFirst()
            .orElse(measure.most);
    assertTrue(
        size <= most, measure + " of " + name + ": " + size + ", of which there may be " + most);
  }

  @TestFactory
  Stream<DynamicTest> eachExceptionIsStillNeeded() {
    return EXCEPTIONS.stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.measure() + " of " + row.name(),
                    () -> {
                      int size = row.measure().all().getOrDefault(row.name(), 0);
                      assertTrue(
                          size > row.measure().most,
                          row.name() + " has " + size + " and is no exception any more");
                    }));
  }
}
