package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramRunTest {
  @Test
  void itHasTheStatusAndWhatWasPrintedOnEitherStream() {
    List<String> command = List.of("sh", "-c", "echo one; echo other >&2; exit 3");
    assertEquals(new ProgramRun(3, "one\nother"), ProgramRun.of(command));
  }

  @Test
  void itRunsWhereItIsToldTo(@TempDir Path directory) throws Exception {
    assertEquals(
        new ProgramRun(0, directory.toRealPath().toString()),
        ProgramRun.of(directory, List.of("sh", "-c", "pwd -P")));
  }
}
