package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How {@code cashew top} writes numbers, sizes, times and events. */
final class TopText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss", Locale.ROOT);
  private static final double KIB = 1024;

  private TopText() {}

  /** With a decimal below ten. */
  static String number(double value) {
    return String.format(Locale.ROOT, value > 0 && value < 10 ? "%.1f" : "%.0f", value);
  }

  /** {@code 1.5K}. */
  static String bytes(double bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= KIB && unit < 4) {
      size /= KIB;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f" : "%.1f", size) + "BKMGT".charAt(unit);
  }

  /** {@code 2d 03:04:05}. */
  static String duration(long seconds) {
    long days = seconds / 86_400;
    return String.format(
        Locale.ROOT,
        "%s%02d:%02d:%02d",
        days == 0 ? "" : days + "d ",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60);
  }

  /** A line for an event of {@code /api/events}. */
  static String event(Config event) {
    return String.format(
        Locale.ROOT,
        "%s  %-5s  %-16s  %s",
        TIME.format(Instant.parse(event.getString("at")).atZone(ZoneId.systemDefault())),
        event.getString("level"),
        event.getString("kind"),
        event.getString("text").lines().findFirst().orElse(""));
  }
}
