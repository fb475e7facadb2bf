package io.cashew.proxy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.ProgramRun;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool of buffers has its settings however the program is started. */
@Timeout(120)
final class WorkerBuffersTest {

  /** Serves for a moment; then says what the pool has read, as the last line. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      Rehearsal.run();
      System.out.println(
          setting("DEFAULT_MAX_CACHED_BUFFER_CAPACITY")
              + " "
              + setting("DEFAULT_CACHE_TRIM_INTERVAL_MILLIS"));
      System.exit(0);
    }

    private static Object setting(String name) throws ReflectiveOperationException {
      Field field = PooledByteBufAllocator.class.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(null);
    }
  }

  private static String run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    ProgramRun run = ProgramRun.of(command);
    assertEquals(0, run.status(), run.printed());
    return run.printed().lines().reduce("", (first, last) -> last);
  }

  @Test
  void aProgramStartedWithoutOptionsHasThem() throws Exception {
    assertEquals("262144 250", run());
  }

  @Test
  void anOptionOfTheJvmHolds() throws Exception {
    assertEquals("65536 250", run("-Dio.netty.allocator.maxCachedBufferCapacity=65536"));
  }
}
