package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InstalledTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole scrape: what {@code promtool check metrics} finds wrong with it, which is nothing. */
final class ScrapeTest {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(\\{.*})? \\S+");

  /** Suffixes that belong to histograms and summaries. */
  private static final List<String> OF_DISTRIBUTIONS = List.of("_count", "_sum", "_bucket");

  /** As promtool has them: abbreviated units, and units that are not the base. */
  private static final Set<String> WRONG_UNITS =
      Set.of(
          "s",
          "ms",
          "us",
          "ns",
          "sec",
          "b",
          "kb",
          "mb",
          "gb",
          "tb",
          "pb",
          "m",
          "h",
          "d",
          "milliseconds",
          "microseconds",
          "nanoseconds",
          "minutes",
          "hours",
          "days",
          "weeks",
          "kilobytes",
          "megabytes",
          "gigabytes",
          "bits",
          "percent");

  private static String scrape() {
    try (MetricsRegistry registry = PublishedNames.everything()) {
      return registry.scrape(Exposition.TEXT);
    }
  }

  static List<String> findings(String scrape) {
    Map<String, String> types = new TreeMap<>();
    Set<String> helped = new HashSet<>();
    List<String> findings = new ArrayList<>();
    scrape
        .lines()
        .forEach(
            line -> {
              Matcher type = TYPE.matcher(line);
              Matcher help = HELP.matcher(line);
              if (type.matches() && types.put(type.group(1), type.group(2)) != null) {
                findings.add(line + ": twice");
              } else if (help.matches()) {
                helped.add(help.group(1));
              } else if (!line.startsWith("#") && !SAMPLE.matcher(line).matches()) {
                findings.add(line + ": no sample");
              }
            });
    types.forEach((name, type) -> check(name, type, helped.contains(name), findings));
    return findings;
  }

  private static void check(String name, String type, boolean helped, List<String> findings) {
    if (!helped) {
      findings.add(name + ": no help");
    }
    if (type.equals("counter") != name.endsWith("_total")) {
      findings.add(name + ": " + type + " and _total");
    }
    if (type.equals("gauge") && OF_DISTRIBUTIONS.stream().anyMatch(name::endsWith)) {
      findings.add(name + ": a suffix of histograms");
    }
    if (!name.equals(name.toLowerCase(Locale.ROOT)) || name.contains(":")) {
      findings.add(name + ": not in snake case");
    }
    List<String> words = Arrays.asList(name.split("_", -1));
    words.stream()
        .filter(WRONG_UNITS::contains)
        .forEach(word -> findings.add(name + ": unit " + word));
    if (words.contains(type)) {
      findings.add(name + ": its type in its name");
    }
  }

  @Test
  void nothingIsWrongWithIt() {
    assertEquals(List.of(), findings(scrape()));
  }

  @Test
  void whatIsWrongIsFound() {
    assertEquals(
        List.of(
            "a_count: no help",
            "a_count: a suffix of histograms",
            "cD: not in snake case",
            "e: counter and _total",
            "things_ns_total: unit ns"),
        findings(
            """
            # TYPE a_count gauge
            a_count 1
            # HELP things_ns_total b
            # TYPE things_ns_total counter
            # HELP cD c
            # TYPE cD gauge
            # HELP e e
            # TYPE e counter
            """));
  }

  @Test
  void promtoolFindsNothing(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("scrape.txt"), scrape());
    InstalledTool.orSkip("promtool", "prometheus");
    String printed =
        InstalledTool.orSkip("sh", "dash")
            .run(directory, "-c", "promtool check metrics < " + file.getFileName());
    assertEquals("", printed);
  }

  @Test
  void theProcessAndItsJvmHaveTheNamesThatEverybodyAsksFor() {
    String scrape = scrape();
    for (String name :
        List.of(
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "jvm_threads_current",
            "jvm_threads_daemon",
            "jvm_threads_peak")) {
      assertTrue(scrape.contains("\n" + name + " "), name);
    }
    assertTrue(scrape.contains("\njvm_memory_used_bytes{area=\"heap\""));
    assertTrue(scrape.contains("\njvm_gc_collection_seconds_count{gc=\""));
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertTrue(value(scrape, "process_resident_memory_bytes") > 1_000_000);
      assertTrue(
          value(scrape, "process_virtual_memory_bytes")
              >= value(scrape, "process_resident_memory_bytes"));
      assertTrue(value(scrape, "process_open_fds") > 2);
      assertTrue(value(scrape, "process_max_fds") >= value(scrape, "process_open_fds"));
    }
  }

  private static double value(String scrape, String name) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void memoryIsReadInKilobytes() {
    List<String> status = List.of("Name:\tjava", "VmRSS:\t   1234 kB");
    assertEquals(1234L * 1024, StandardMetrics.kilobytes(status, "VmRSS:").orElseThrow());
    assertTrue(StandardMetrics.kilobytes(status, "VmSize:").isEmpty());
  }
}
