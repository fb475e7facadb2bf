package io.cashew.proxy.route.computed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreTest {
  @ParameterizedTest
  @CsvSource({
    "3, 3, 3",
    "-0.0, -0, -0",
    "0.1, 0.1, 0.10000000000000001",
    "1.5, 1.5, 1.5",
    "-2.25, -2.25, -2.25",
    "9007199254740991, 9007199254740991, 9007199254740991",
    "1e20, 1e+20, 1e+20",
    "1.5e300, 1.5e+300, 1.5000000000000001e+300",
    "1.5e-7, 1.5e-07, 1.4999999999999999e-07",
    "Infinity, inf, inf",
    "-Infinity, -inf, -inf"
  })
  void scoresAreWrittenAsRedisDoes(double score, String few, String all) {
    assertEquals(few, Score.text(score, false));
    assertEquals(all, Score.text(score, true));
    assertEquals(score, Score.parse(Score.text(score, true)));
  }

  @Test
  void infinitiesAreReadInAnyCase() {
    assertEquals(Double.POSITIVE_INFINITY, Score.parse("+INF"));
    assertEquals(Double.NEGATIVE_INFINITY, Score.parse("-inf"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " 1", "1 ", "1d", "2f", "heavy"})
  void whatIsNoScoreIsNone(String text) {
    assertThrows(NumberFormatException.class, () -> Score.parse(text));
  }
}
