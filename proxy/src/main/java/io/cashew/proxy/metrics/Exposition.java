package io.cashew.proxy.metrics;

import java.util.Locale;

/** The two text formats in which metrics are written. */
public enum Exposition {
  TEXT("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
  OPEN_METRICS(
      "application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String mediaType;
  private final String contentType;

  Exposition(String mediaType, String contentType) {
    this.mediaType = mediaType;
    this.contentType = contentType;
  }

  /** The value of the header {@code Content-Type}. */
  public String contentType() {
    return contentType;
  }

  /**
   * The format that a scraper prefers: OpenMetrics if it names it, with at least the weight of
   * {@code text/plain} (RFC 9110, 12.5.1); in every other case text, which every scraper reads.
   *
   * @param accept the header {@code Accept}; empty if there is none
   */
  public static Exposition accepted(String accept) {
    double openMetrics = OPEN_METRICS.weight(accept);
    return openMetrics > 0 && openMetrics >= TEXT.weight(accept) ? OPEN_METRICS : TEXT;
  }

  /** The best weight at which the header names this media type; 0 if it does not. */
  private double weight(String accept) {
    double best = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = range.split(";", -1);
      if (parts[0].strip().equals(mediaType)) {
        best = Math.max(best, weight(parts));
      }
    }
    return best;
  }

  private static double weight(String[] parts) {
    for (String part : parts) {
      String parameter = part.strip();
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException notANumber) {
          return 0; // A range whose weight nobody can read is one that was not asked for.
        }
      }
    }
    return 1;
  }
}
