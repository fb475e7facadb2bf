package io.cashew.proxy.config;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much memory the process may use for requests and replies, by the JVM's options and the
 * machine or container; and what a {@code memory-limit} needs. Immutable.
 *
 * <p>Buffers are outside the heap. Netty counts them itself where the JVM lets it allocate them
 * itself, and its limit is a property that can be set when the program starts: so the limit of the
 * configuration decides. Elsewhere, and where an option of the JVM says so, the JVM does.
 *
 * @param directBytes the most that buffers may take whatever the configuration says; empty: as much
 *     as the configuration asks for
 * @param machineBytes memory of the machine, or of the container if that is less; empty: not known
 * @param heapBytes the largest heap
 */
public record MemoryBudget(OptionalLong directBytes, OptionalLong machineBytes, long heapBytes) {
  /** Netty's property for the limit that it keeps itself. */
  public static final String NETTY_LIMIT = "io.netty.maxDirectMemory";

  private static final long MIB = 1 << 20;

  /** Enough for most, and no danger to any machine. */
  private static final long STANDARD_LIMIT = 256 * MIB;

  static final long LEAST_LIMIT = 16 * MIB;

  /** What buffers are cut from. As much as half of the limit may come in until it is noticed. */
  private static final long BESIDE_BUFFERS = 64 * MIB;

  /** Code, classes, threads and tables of the JVM. */
  private static final long BESIDE_HEAP = 128 * MIB;

  /** What this process may use. */
  public static MemoryBudget ofProcess() {
    long heap = Runtime.getRuntime().maxMemory();
    return new MemoryBudget(direct(heap), MachineMemory.bytes(), heap);
  }

  private static OptionalLong direct(long heap) {
    Long netty = Long.getLong(NETTY_LIMIT);
    if (netty != null && netty > 0 && !setByProgram()) {
      return OptionalLong.of(netty);
    }
    OptionalLong option = JvmOptions.maxDirectMemory();
    boolean countsItself = nettyAllocates() && (netty == null || netty != 0);
    return option.isPresent() || countsItself ? option : OptionalLong.of(heap);
  }

  /** Whether the limit of Netty is what {@link #allow} has set. */
  private static boolean setByProgram() {
    return Boolean.getBoolean(NETTY_LIMIT + ".fromMemoryLimit");
  }

  /** Whether Netty can make buffers that the JVM does not count. */
  private static boolean nettyAllocates() {
    return Boolean.getBoolean("io.netty.tryReflectionSetAccessible")
        && ByteBuffer.class.getModule().isOpen("java.nio", MemoryBudget.class.getModule());
  }

  /**
   * Lets buffers take what a limit needs, unless an option of the JVM decides. To be called before
   * the first class of Netty is used.
   */
  public static void allow(long limit) {
    if (ofProcess().directBytes().isEmpty()) {
      System.setProperty(NETTY_LIMIT, "" + allowance(limit));
      System.setProperty(NETTY_LIMIT + ".fromMemoryLimit", "true");
    }
  }

  /** The most that buffers are allowed to take: more than is ever needed at this limit. */
  static long allowance(long limit) {
    return limit + Math.max(limit, STANDARD_LIMIT);
  }

  /** What buffers take outside the heap when the limit is reached, at most. */
  public static long needed(long limit) {
    return limit + limit / 2 + BESIDE_BUFFERS;
  }

  /** The limit where the configuration has none: 256 MiB, or less where there is less. */
  long standardLimit() {
    long limit = STANDARD_LIMIT;
    if (directBytes.isPresent()) {
      long fitting = limitFor(directBytes.getAsLong());
      limit = Math.min(limit, fitting < LEAST_LIMIT ? directBytes.getAsLong() / 2 : fitting);
    }
    if (machineBytes.isPresent()) {
      limit = Math.min(limit, Math.max(LEAST_LIMIT, limitFor(machineBytes.getAsLong() - rest())));
    }
    return wholeMebibytes(limit);
  }

  private long rest() {
    return heapBytes + BESIDE_HEAP;
  }

  /** The largest limit that needs no more than this. */
  private static long limitFor(long direct) {
    return wholeMebibytes((direct - BESIDE_BUFFERS) / 3 * 2);
  }

  private static long wholeMebibytes(long bytes) {
    return bytes < MIB ? bytes : bytes / MIB * MIB;
  }

  /** What is wrong with a limit that the JVM does not allow. */
  public Optional<String> problem(long limit) {
    if (directBytes.isEmpty() || needed(limit) <= directBytes.getAsLong()) {
      return Optional.empty();
    }
    long largest = limitFor(directBytes.getAsLong());
    return Optional.of(
        "does not fit this JVM: a limit of "
            + text(limit)
            + " takes up to "
            + text(needed(limit))
            + " outside the heap, of which the JVM allows "
            + text(directBytes.getAsLong())
            + "; leave -XX:MaxDirectMemorySize out of CASHEW_OPTS (bin/cashew allows what the file"
            + " asks for) or raise it to "
            + (needed(limit) + MIB - 1) / MIB
            + "m"
            + (largest < LEAST_LIMIT ? "" : ", or write " + text(largest) + " at most"));
  }

  /** What follows from a limit that the machine, or the container, does not have memory for. */
  public Optional<String> warning(long limit) {
    long process = rest() + needed(limit);
    if (machineBytes.isEmpty() || process <= machineBytes.getAsLong()) {
      return Optional.empty();
    }
    long fitting = limitFor(machineBytes.getAsLong() - rest());
    return Optional.of(
        "memory-limit "
            + text(limit)
            + " is more than there is memory for: the process may take "
            + text(process)
            + " (heap "
            + text(heapBytes)
            + ", buffers "
            + text(needed(limit))
            + ", the JVM itself "
            + text(BESIDE_HEAP)
            + "), and this machine or container has "
            + text(machineBytes.getAsLong())
            + ": the system would kill it first"
            + (fitting < LEAST_LIMIT ? "" : "; " + text(fitting) + " fits"));
  }

  private static String text(long bytes) {
    return bytes % MIB == 0
        ? Kinds.sizeText(bytes)
        : String.format(Locale.ROOT, "%.1fMiB", (double) bytes / MIB);
  }
}
