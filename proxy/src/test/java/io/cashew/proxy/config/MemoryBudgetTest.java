package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  private static MemoryBudget budget(long directMebibytes, long machineMebibytes) {
    return new MemoryBudget(bytes(directMebibytes), bytes(machineMebibytes), 128 * MIB);
  }

  /** 0 is not known. */
  private static OptionalLong bytes(long mebibytes) {
    return mebibytes == 0 ? OptionalLong.empty() : OptionalLong.of(mebibytes * MIB);
  }

  @Test
  void theLimitIsDerivedFromTheJvmAndTheMachine() {
    assertEquals(256 * MIB, budget(0, 0).standardLimit());
    assertEquals(256 * MIB, budget(4096, 65536).standardLimit());
    assertEquals(24 * MIB, budget(100, 65536).standardLimit());
    assertEquals(12 * MIB, budget(24, 0).standardLimit());
    assertEquals(128 * MIB, budget(0, 512).standardLimit());
    assertEquals(MemoryBudget.LEAST_LIMIT, budget(0, 200).standardLimit());
  }

  @Test
  void aDerivedLimitFitsAndWarnsOfNothing() {
    for (long direct = 100; direct < 5000; direct += 37) {
      for (long machine = 400; machine < 5000; machine += 53) {
        MemoryBudget budget = budget(direct, machine);
        assertEquals(Optional.empty(), budget.problem(budget.standardLimit()));
        assertEquals(Optional.empty(), budget.warning(budget.standardLimit()));
      }
    }
  }

  @Test
  void aLimitThatTheJvmDoesNotAllowIsRefusedWithNumbersAndCure() {
    assertEquals(Optional.empty(), budget(0, 64).problem(1024 * MIB));
    assertEquals(Optional.empty(), budget(1600, 0).problem(1024 * MIB));
    String text = budget(512, 0).problem(1024 * MIB).orElseThrow();
    for (String part :
        List.of("1GiB", "1600MiB", "512MiB", "1600m", "298MiB at most", "CASHEW_OPTS")) {
      assertTrue(text.contains(part), text);
    }
    assertEquals(Optional.empty(), budget(512, 0).problem(298 * MIB));
    assertTrue(budget(512, 0).problem(299 * MIB).isPresent());
  }

  @Test
  void aLimitThatTheMachineHasNoMemoryForIsWarnedOfWithNumbersAndCure() {
    assertEquals(Optional.empty(), budget(0, 704).warning(256 * MIB));
    String text = budget(0, 512).warning(256 * MIB).orElseThrow();
    for (String part : List.of("256MiB", "704MiB", "448MiB", "512MiB", "128MiB fits")) {
      assertTrue(text.contains(part), text);
    }
  }

  @Test
  void whatIsAllowedIsMoreThanWhatIsNeeded() {
    for (long limit = MemoryBudget.LEAST_LIMIT; limit < 1L << 50; limit *= 2) {
      assertTrue(MemoryBudget.allowance(limit) >= MemoryBudget.needed(limit));
    }
  }

  @Test
  void theLastOptionOfTheJvmCounts() {
    assertEquals(OptionalLong.empty(), JvmOptions.maxDirectMemory(List.of("-Xmx128m")));
    assertEquals(
        OptionalLong.of(3 * MIB),
        JvmOptions.maxDirectMemory(
            List.of("-XX:MaxDirectMemorySize=2g", "-XX:MaxDirectMemorySize=3m", "-Da=b")));
    assertEquals(
        OptionalLong.of(4096), JvmOptions.maxDirectMemory(List.of("-XX:MaxDirectMemorySize=4096")));
    assertEquals(
        OptionalLong.of(1024 * MIB),
        JvmOptions.maxDirectMemory(List.of("-XX:MaxDirectMemorySize=1G")));
    assertEquals(
        OptionalLong.empty(), JvmOptions.maxDirectMemory(List.of("-XX:MaxDirectMemorySize=0")));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void theLeastOfTheMachineAndItsControlGroupsIsWhatThereIs(@TempDir Path directory)
      throws IOException {
    Path proc = directory.resolve("proc");
    Path groups = directory.resolve("groups");
    assertEquals(OptionalLong.empty(), MachineMemory.bytes(proc, groups));
    write(proc.resolve("meminfo"), "MemTotal:       2097152 kB\nMemFree:  1 kB\n");
    assertEquals(OptionalLong.of(2048 * MIB), MachineMemory.bytes(proc, groups));

    write(proc.resolve("self/cgroup"), "0::/a/b\n");
    assertEquals(OptionalLong.of(2048 * MIB), MachineMemory.bytes(proc, groups));
    write(groups.resolve("a/b/memory.max"), "max\n");
    assertEquals(OptionalLong.of(2048 * MIB), MachineMemory.bytes(proc, groups));
    write(groups.resolve("a/memory.max"), 512 * MIB + "\n");
    assertEquals(OptionalLong.of(512 * MIB), MachineMemory.bytes(proc, groups));
    write(groups.resolve("memory.max"), 256 * MIB + "\n");
    assertEquals(OptionalLong.of(256 * MIB), MachineMemory.bytes(proc, groups));

    write(proc.resolve("self/cgroup"), "3:cpu,cpuacct:/x\n2:memory:/docker/1\n0::/../..\n");
    write(groups.resolve("memory/memory.limit_in_bytes"), 128 * MIB + "\n");
    write(groups.resolve("memory/docker/1/memory.limit_in_bytes"), "9223372036854771712\n");
    assertEquals(OptionalLong.of(128 * MIB), MachineMemory.bytes(proc, groups));
  }
}
