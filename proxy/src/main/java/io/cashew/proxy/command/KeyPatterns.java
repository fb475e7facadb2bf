package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of keys in a list, of which the first that matches decides: a trie of the bytes that
 * their keys begin with. A key is walked through it once; each node on the way has the patterns
 * that begin so, in their order. Immutable, shared by all threads; a look-up allocates nothing.
 *
 * <p>A look-up takes time in proportion to the key's length, whatever the patterns are, for each
 * pattern that begins as the key does and is more than that beginning and a star.
 */
public final class KeyPatterns {
  /** No pattern matches. */
  public static final int NONE = -1;

  private static final KeyPattern[] NO_PATTERNS = {};

  /** The patterns whose literal beginning ends here. */
  private final KeyPattern[] here;

  /** The least place of a pattern in this part of the trie: below it nothing earlier is found. */
  private final int least;

  /** The unsigned byte that {@link #children} begins with. */
  private final int base;

  private final @Nullable KeyPatterns[] children;

  private KeyPatterns(Building from) {
    here = from.here.toArray(NO_PATTERNS);
    base = from.children.isEmpty() ? 0 : from.children.firstKey();
    children =
        new @Nullable
            KeyPatterns
            [from.children.isEmpty() ? 0 : from.children.lastKey() - from.children.firstKey() + 1];
    int first = here.length == 0 ? Integer.MAX_VALUE : here[0].index();
    for (Map.Entry<Integer, Building> each : from.children.entrySet()) {
      KeyPatterns child = new KeyPatterns(each.getValue());
      children[each.getKey() - base] = child;
      first = Math.min(first, child.least);
    }
    least = first;
  }

  /** A node while the trie is built. */
  private static final class Building {
    private final List<KeyPattern> here = new ArrayList<>();
    private final TreeMap<Integer, Building> children = new TreeMap<>();
  }

  /**
   * Compiles patterns.
   *
   * @throws IllegalArgumentException unless {@link KeyPattern#canCompile} is true of each
   */
  public static KeyPatterns of(List<String> patterns) {
    Building root = new Building();
    for (int index = 0; index < patterns.size(); index++) {
      KeyPattern pattern = new KeyPattern(patterns.get(index), index);
      Building node = root;
      for (byte b : pattern.prefix()) {
        node = node.children.computeIfAbsent(b & 0xff, from -> new Building());
      }
      node.here.add(pattern);
    }
    return new KeyPatterns(root);
  }

  /** The place of the first pattern that matches the key; {@link #NONE}: none does. */
  public int find(ByteBuf buf, int offset, int length) {
    int found = Integer.MAX_VALUE;
    KeyPatterns node = this;
    int end = offset + length;
    int at = offset;
    while (node != null && node.least < found) {
      for (KeyPattern each : node.here) {
        if (!isBefore(each, found)) {
          break;
        }
        if (each.matchesRest(buf, at, end - at)) {
          found = each.index();
          break;
        }
      }
      if (at == end) {
        break;
      }
      node = node.child(buf.getByte(at++) & 0xff);
    }
    return found == Integer.MAX_VALUE ? NONE : found;
  }

  /** The same for a key in an array. */
  public int find(byte[] bytes, int offset, int length) {
    int found = Integer.MAX_VALUE;
    KeyPatterns node = this;
    int end = offset + length;
    int at = offset;
    while (node != null && node.least < found) {
      for (KeyPattern each : node.here) {
        if (!isBefore(each, found)) {
          break;
        }
        if (each.matchesRest(bytes, at, end - at)) {
          found = each.index();
          break;
        }
      }
      if (at == end) {
        break;
      }
      node = node.child(bytes[at++] & 0xff);
    }
    return found == Integer.MAX_VALUE ? NONE : found;
  }

  private static boolean isBefore(KeyPattern pattern, int found) {
    return pattern.index() < found;
  }

  private @Nullable KeyPatterns child(int b) {
    int index = b - base;
    return index < 0 || index >= children.length ? null : children[index];
  }
}
