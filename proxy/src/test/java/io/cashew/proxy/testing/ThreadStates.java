package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the threads of another process are doing, as Linux tells. */
public final class ThreadStates {
  /** Waiting for something. */
  public static final char ASLEEP = 'S';

  /** Stopped by a signal. */
  public static final char STOPPED = 'T';

  private ThreadStates() {}

  /** Whether each thread that is there is in {@code state}; true where the system does not tell. */
  public static boolean allAre(Process process, char state) {
    Path threads = Path.of("/proc", String.valueOf(process.pid()), "task");
    if (!Files.isDirectory(threads)) {
      return true;
    }
    try (Stream<Path> each = Files.list(threads)) {
      return each.allMatch(thread -> is(thread, state));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The state follows the name, which is in parentheses and may hold some. */
  private static boolean is(Path thread, char state) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == state;
    } catch (NoSuchFileException e) {
      return true; // it has ended
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
