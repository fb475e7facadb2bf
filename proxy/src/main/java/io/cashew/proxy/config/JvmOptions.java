package io.cashew.proxy.config;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options that this JVM was started with. Stateless. */
final class JvmOptions {
  private static final Pattern MAX_DIRECT_MEMORY =
      Pattern.compile("-XX:MaxDirectMemorySize=([0-9]{1,18})([kKmMgGtT]?)");

  private JvmOptions() {}

  /** Bytes of {@code -XX:MaxDirectMemorySize}; empty if it was not given, or as 0, its default. */
  static OptionalLong maxDirectMemory() {
    return maxDirectMemory(ManagementFactory.getRuntimeMXBean().getInputArguments());
  }

  /** As above, of these options: the last one counts. */
  static OptionalLong maxDirectMemory(List<String> options) {
    long bytes = 0;
    for (String option : options) {
      Matcher matcher = MAX_DIRECT_MEMORY.matcher(option);
      if (matcher.matches()) {
        bytes = Long.parseLong(matcher.group(1)) << shift(matcher.group(2));
      }
    }
    return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  private static int shift(String unit) {
    return unit.isEmpty() ? 0 : 10 * ("kmgt".indexOf(Character.toLowerCase(unit.charAt(0))) + 1);
  }
}
