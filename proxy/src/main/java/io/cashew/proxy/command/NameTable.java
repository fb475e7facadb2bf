package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Commands by name, in whatever case clients write it. Immutable, shared by all threads.
 *
 * <p>A name is read as two numbers: its first and its second eight bytes, little-endian, the rest
 * zero, letters made lower case. An open-addressing table over these two and the length answers
 * with one or two loads from the buffer and, nearly always, one comparison; no string is built. The
 * few names beyond 16 bytes are compared to their end byte by byte.
 */
final class NameTable {
  static final NameTable EMPTY = of(Collections.emptyList(), Command::name);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final SortedMap<String, Command> byName;
  private final int longest;
  private final int shift;
  private final int mask;
  private final long[] firstWords;
  private final long[] secondWords;
  private final String[] names;
  private final @Nullable Command[] commands;

  private NameTable(SortedMap<String, Command> byName) {
    this.byName = byName;
    longest = byName.keySet().stream().mapToInt(String::length).max().orElse(0);
    // At most a quarter full, so that a name that is not there is seen soon, too.
    int size = Math.max(4, Integer.highestOneBit(byName.size()) * 8);
    mask = size - 1;
    shift = Long.numberOfLeadingZeros(mask);
    firstWords = new long[size];
    secondWords = new long[size];
    names = new String[size];
    commands = new Command[size];
    byName.forEach(this::insert);
  }

  /** Takes the name of each row from {@code nameOf}: lower case ASCII. */
  static NameTable of(Collection<Command> rows, Function<Command, String> nameOf) {
    TreeMap<String, Command> byName = new TreeMap<>();
    for (Command row : rows) {
      byName.put(nameOf.apply(row), row);
    }
    return new NameTable(byName);
  }

  private void insert(String name, Command command) {
    long first = word(name, 0);
    long second = word(name, 8);
    int slot = slot(first, second);
    while (commands[slot] != null) {
      slot = (slot + 1) & mask;
    }
    firstWords[slot] = first;
    secondWords[slot] = second;
    names[slot] = name;
    commands[slot] = command;
  }

  private static long word(String name, int from) {
    long word = 0;
    for (int i = Math.min(name.length(), from + 8) - 1; i >= from; i--) {
      word = word << 8 | name.charAt(i);
    }
    return word;
  }

  /** The command whose name is these bytes; null if there is none. */
  @Nullable Command find(ByteBuf buf, int offset, int length) {
    if (length > longest || length == 0) {
      return null;
    }
    long first = lowerCase(length < 8 ? shortWord(buf, offset, length) : buf.getLongLE(offset));
    long second = length <= 8 ? 0 : lowerCase(secondWord(buf, offset, length));
    for (int slot = slot(first, second); ; slot = (slot + 1) & mask) {
      Command command = commands[slot];
      if (command == null) {
        return null;
      }
      if (firstWords[slot] == first
          && secondWords[slot] == second
          && names[slot].length() == length
          && (length <= 16 || restEquals(names[slot], buf, offset))) {
        return command;
      }
    }
  }

  /** Up to seven bytes; those behind them may be read, if the buffer has them, but do not count. */
  private static long shortWord(ByteBuf buf, int offset, int length) {
    if (offset + 8 <= buf.capacity()) {
      return buf.getLongLE(offset) & (-1L >>> (64 - 8 * length));
    }
    long word = 0;
    for (int i = length - 1; i >= 0; i--) {
      word = word << 8 | (buf.getByte(offset + i) & 0xff);
    }
    return word;
  }

  /** Bytes 8 to 15, read so that the load ends with the name. */
  private static long secondWord(ByteBuf buf, int offset, int length) {
    int end = Math.min(length, 16);
    return buf.getLongLE(offset + end - 8) >>> (8 * (16 - end));
  }

  private static boolean restEquals(String name, ByteBuf buf, int offset) {
    for (int i = 16; i < name.length(); i++) {
      int b = buf.getByte(offset + i);
      if (name.charAt(i) != (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Eight bytes at once: 0x20 is added to those from A to Z and to no others. The sums cannot carry
   * into the next byte because the high bits are off; bytes that had theirs on are left.
   */
  static long lowerCase(long word) {
    long low = word & ~HIGH_BITS;
    long fromA = low + (0x80 - 'A') * ONES;
    long beyondZ = low + (0x7f - 'Z') * ONES;
    return word | ((fromA & ~beyondZ & ~word & HIGH_BITS) >>> 2);
  }

  private int slot(long first, long second) {
    // Multipliers of the 64-bit golden ratio and of MurmurHash3's finaliser: any odd, mixed ones
    // do.
    return (int) ((first * 0x9e3779b97f4a7c15L ^ second * 0xff51afd7ed558ccdL) >>> shift) & mask;
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  Collection<Command> commands() {
    return Collections.unmodifiableCollection(byName.values());
  }
}
