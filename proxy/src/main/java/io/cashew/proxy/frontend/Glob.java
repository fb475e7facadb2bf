package io.cashew.proxy.frontend;

/**
 * Redis's patterns over bytes: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a-z]}, and a backslash
 * before what is meant literally. As its {@code stringmatchlen} has it, odd corners included: a
 * class without an end ends with the pattern, and nothing but the empty pattern matches nothing.
 */
final class Glob {
  private final byte[] pattern;
  private final byte[] text;

  /** Index in the pattern after what {@link #takes} has looked at. */
  private int next;

  private Glob(byte[] pattern, byte[] text) {
    this.pattern = pattern;
    this.text = text;
  }

  /** Whether all of {@code text} matches. */
  static boolean matches(byte[] pattern, byte[] text) {
    return text.length == 0 ? pattern.length == 0 : new Glob(pattern, text).matches();
  }

  /** What a star has taken grows when what follows does not match; only the last star need. */
  private boolean matches() {
    int p = 0;
    int t = 0;
    int afterStar = -1;
    int starEnd = 0;
    while (t < text.length) {
      if (p < pattern.length && pattern[p] == '*') {
        afterStar = ++p;
        starEnd = t;
      } else if (p < pattern.length && takes(p, text[t])) {
        p = next;
        t++;
      } else if (afterStar >= 0) {
        p = afterStar;
        t = ++starEnd;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  /** Whether the element of the pattern at {@code p}, which is no star, takes a byte. */
  private boolean takes(int p, byte b) {
    switch (pattern[p]) {
      case '?' -> {
        next = p + 1;
        return true;
      }
      case '[' -> {
        return classTakes(p + 1, b);
      }
      case '\\' -> {
        int literal = p + 1 < pattern.length ? p + 1 : p;
        next = literal + 1;
        return pattern[literal] == b;
      }
      default -> {
        next = p + 1;
        return pattern[p] == b;
      }
    }
  }

  private boolean classTakes(int begin, byte b) {
    int p = begin;
    boolean not = p < pattern.length && pattern[p] == '^';
    if (not) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p++;
        found |= pattern[p] == b;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        byte low = (byte) Math.min(pattern[p], pattern[p + 2]);
        byte high = (byte) Math.max(pattern[p], pattern[p + 2]);
        found |= b >= low && b <= high;
        p += 2;
      } else {
        found |= pattern[p] == b;
      }
      p++;
    }
    next = Math.min(p + 1, pattern.length);
    return found != not;
  }
}
