package io.cashew.proxy.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Memory of the machine, or of the container that the process runs in, as Linux tells of it: {@code
 * MemTotal} of {@code /proc/meminfo}, and the limits of the control groups of the process and of
 * all those above it (of version 2, {@code memory.max}, or 1, {@code memory.limit_in_bytes}).
 * Stateless.
 */
final class MachineMemory {
  private static final String TOTAL = "MemTotal:";

  private MachineMemory() {}

  /** Bytes; empty where nothing tells. */
  static OptionalLong bytes() {
    return bytes(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  }

  /** As above, of a machine whose files are elsewhere. */
  static OptionalLong bytes(Path proc, Path groups) {
    long least =
        Math.min(total(proc.resolve("meminfo")), limit(proc.resolve("self/cgroup"), groups));
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
  }

  private static long total(Path meminfo) {
    return text(meminfo)
        .lines()
        .filter(line -> line.startsWith(TOTAL))
        .mapToLong(line -> number(line.substring(TOTAL.length()).replace("kB", "")) * 1024)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  /** Lines are {@code 0::/path}, or of version 1 {@code 7:memory:/path}. */
  private static long limit(Path memberships, Path groups) {
    long least = Long.MAX_VALUE;
    for (String line : text(memberships).lines().toList()) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].isEmpty()) {
        least = Math.min(least, limit(groups, parts[2], "memory.max"));
      } else if (parts.length == 3 && ("," + parts[1] + ",").contains(",memory,")) {
        least = Math.min(least, limit(groups.resolve("memory"), parts[2], "memory.limit_in_bytes"));
      }
    }
    return least;
  }

  /** The least of a group and those above it; in a container its own group may be the topmost. */
  private static long limit(Path root, String group, String file) {
    long least = limit(root.resolve(file));
    Path below = root;
    for (Path part : Path.of("/").relativize(Path.of("/" + group).normalize())) {
      below = below.resolve(part);
      least = Math.min(least, limit(below.resolve(file)));
    }
    return least;
  }

  private static long limit(Path file) {
    long limit = number(text(file));
    return limit <= 0 ? Long.MAX_VALUE : limit;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException notThere) {
      return "";
    }
  }

  /** 0 for what is no number, such as {@code max}. */
  private static long number(String text) {
    String digits = text.strip();
    return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
  }
}
