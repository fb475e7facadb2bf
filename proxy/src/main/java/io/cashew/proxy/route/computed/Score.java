package io.cashew.proxy.route.computed;

import java.math.BigDecimal;
import java.util.Locale;

/** Scores of sorted sets as Redis reads and writes them. Stateless. */
final class Score {
  private static final double EXACT = 1L << 53;

  private Score() {}

  /**
   * Reads a score.
   *
   * @throws NumberFormatException if it is none
   */
  static double parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> {
        if (text.isEmpty()
            || !text.strip().equals(text)
            || "dDfF".indexOf(text.charAt(text.length() - 1)) >= 0) {
          throw new NumberFormatException(text);
        }
        yield Double.parseDouble(text);
      }
    };
  }

  /**
   * Writes a score: as an integer if it is one.
   *
   * @param allDigits with 17 digits, as Redis before 7.2; else with as few as tell it from others
   */
  static String text(double score, boolean allDigits) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    if (score == Math.rint(score) && Math.abs(score) < EXACT) {
      return score == 0 && 1 / score < 0 ? "-0" : Long.toString((long) score);
    }
    for (int digits = 1; digits < 17 && !allDigits; digits++) {
      String text = decimal(score, digits);
      if (Double.parseDouble(text) == score) {
        return text;
      }
    }
    return decimal(score, 17);
  }

  /** As {@code %.*g} of C does. */
  private static String decimal(double score, int digits) {
    BigDecimal rounded =
        new BigDecimal(score).round(new java.math.MathContext(digits)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -5 && exponent < digits) {
      return rounded.toPlainString();
    }
    String unscaled = rounded.unscaledValue().abs().toString();
    return (rounded.signum() < 0 ? "-" : "")
        + unscaled.charAt(0)
        + (unscaled.length() > 1 ? "." + unscaled.substring(1) : "")
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
