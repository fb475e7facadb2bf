package io.cashew.proxy.command;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which arguments of one request are keys (or channels), or why that cannot be said. Reused: a
 * worker has one and fills it anew for each request, without allocating once it has grown.
 */
public final class KeyPositions {
  private int[] indexes = new int[16];
  private int count;
  private int patternCount;
  private int[] patterns = new int[4];
  private @Nullable String error;

  /** Number of keys. */
  public int count() {
    return count;
  }

  /** Index of the argument that is key {@code i}. */
  public int index(int i) {
    return indexes[i];
  }

  /**
   * Number of arguments that name further keys by a pattern, which only the node can find ({@code
   * SORT … BY w_* GET o_*}). With several nodes the answer is right only if each of them has the
   * hash tag of the keys in front of its {@code *}.
   */
  public int patternCount() {
    return patternCount;
  }

  /** Index of the argument that is pattern {@code i}. */
  public int pattern(int i) {
    return patterns[i];
  }

  /** Why the request is malformed, as Redis words it ({@code ERR …}); null if it is not. */
  public @Nullable String error() {
    return error;
  }

  /** Forgets everything. */
  public void clear() {
    count = 0;
    patternCount = 0;
    error = null;
  }

  void add(int index) {
    if (count == indexes.length) {
      indexes = Arrays.copyOf(indexes, count * 2);
    }
    indexes[count++] = index;
  }

  void addPattern(int index) {
    if (patternCount == patterns.length) {
      patterns = Arrays.copyOf(patterns, patternCount * 2);
    }
    patterns[patternCount++] = index;
  }

  /** Always false, so that a key spec can end with it. */
  boolean fail(String text) {
    error = text;
    return false;
  }
}
