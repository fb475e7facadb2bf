package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Prometheus' rules for names, those that {@code promtool check metrics} applies among them.
 *
 * @see <a href="https://prometheus.io/docs/practices/naming/">Metric and label naming</a>
 */
class MetricNamesTest {

  private static final Pattern NAME = Pattern.compile("cashew(_[a-z][a-z0-9]*)+");
  private static final Set<String> RESERVED = Set.of("count", "sum", "bucket", "created");
  private static final Set<String> NOT_BASE_UNITS =
      Set.of(
          "milliseconds",
          "microseconds",
          "nanoseconds",
          "minutes",
          "hours",
          "days",
          "bits",
          "kilobytes",
          "megabytes",
          "percent",
          "ms",
          "us",
          "ns",
          "kb",
          "mb");
  private static final Set<String> UNITS = Set.of("seconds", "bytes");

  static Stream<Metric<?>> rows() {
    return Metrics.all();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void namesAreLowerCaseWordsOfCashew(Metric<?> row) {
    assertTrue(NAME.matcher(row.name()).matches(), row.name());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void onlyCountersEndInTotalAndOnlyInfoInInfo(Metric<?> row) {
    assertEquals(row.type() == MetricType.COUNTER, row.name().endsWith("_total"));
    assertEquals(row.type() == MetricType.INFO, row.name().endsWith("_info"));
    assertFalse(RESERVED.contains(lastWord(row.baseName())), row.name());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void unitsAreBaseUnitsAndStandLast(Metric<?> row) {
    List<String> words = words(row);
    assertTrue(words.stream().noneMatch(NOT_BASE_UNITS::contains), row.name());
    assertTrue(words.subList(0, words.size() - 1).stream().noneMatch(UNITS::contains), row.name());
    if (UNITS.contains(lastWord(row.baseName()))) {
      assertEquals(lastWord(row.baseName()), String.valueOf(row.unit()));
    } else {
      assertNull(row.unit());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void histogramsMeasureInAUnit(Metric<?> row) {
    if (row.type() == MetricType.HISTOGRAM) {
      assertNotNull(row.unit());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void namesDoNotRepeatTypesOrLabels(Metric<?> row) {
    for (MetricType type : MetricType.values()) {
      assertFalse(words(row).contains(type.label()), row.name());
    }
    assertFalse(words(row).contains("kind"), row.name());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void helpIsOneClauseWithoutAFullStop(Metric<?> row) {
    assertTrue(row.help().length() > 9, row.name());
    assertTrue(Character.isUpperCase(row.help().charAt(0)) || row.help().startsWith("1 "));
    assertFalse(row.help().endsWith("."), row.help());
    assertFalse(row.help().contains("\n"), row.help());
  }

  @Test
  void noNameOccursTwice() {
    Map<String, Long> times =
        Metrics.all()
            .collect(Collectors.groupingBy(Metric::baseName, TreeMap::new, Collectors.counting()));
    times.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), times);
  }

  @Test
  void kindsAreLabelledByTheNamesOfTheirConstants() {
    Stream.<Enum<?>>of(FailureKind.values()).forEach(MetricNamesTest::assertLabelled);
    Stream.<Enum<?>>of(RefusalKind.values()).forEach(MetricNamesTest::assertLabelled);
    Stream.<Enum<?>>of(ClientErrorKind.values()).forEach(MetricNamesTest::assertLabelled);
  }

  @Test
  void aRowWhoseNameLacksTheSuffixOfItsTypeIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Metric.<NodeRecorder>row(
                    "cashew_things", MetricType.COUNTER, "Things", r -> r.requests));
    assertTrue(refused.toString().contains("cashew_things"), refused.toString());
  }

  private static void assertLabelled(Enum<?> constant) {
    assertEquals(constant.name().toLowerCase(Locale.ROOT), ((Kind) constant).label());
    assertFalse(((Kind) constant).help().isEmpty());
  }

  private static List<String> words(Metric<?> row) {
    return Arrays.asList(row.baseName().split("_", -1));
  }

  private static String lastWord(String name) {
    return name.substring(name.lastIndexOf('_') + 1);
  }
}
