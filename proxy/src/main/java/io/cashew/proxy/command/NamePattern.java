package io.cashew.proxy.command;

import java.util.Locale;

/**
 * A pattern for names of commands, as Redis's {@code stringmatchlen} reads it without regard to
 * case: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and {@code \} before a character that
 * means itself. Goes back to the last star only, so that no pattern takes more than the product of
 * both lengths.
 */
final class NamePattern {
  private final String pattern;

  /** Index after the part of the pattern that {@link #matchesOne} has looked at. */
  private int next;

  NamePattern(String pattern) {
    this.pattern = pattern.toLowerCase(Locale.ROOT);
  }

  /**
   * @param name in lower case
   */
  boolean matches(String name) {
    int at = 0;
    int inPattern = 0;
    int star = -1;
    int starAt = 0;
    while (at < name.length()) {
      if (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
        star = inPattern++;
        starAt = at;
      } else if (inPattern < pattern.length() && matchesOne(inPattern, name.charAt(at))) {
        inPattern = next;
        at++;
      } else if (star >= 0) {
        inPattern = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
      inPattern++;
    }
    return inPattern == pattern.length();
  }

  private boolean matchesOne(int from, char c) {
    char first = pattern.charAt(from);
    next = from + 1;
    if (first == '?') {
      return true;
    }
    if (first == '[') {
      return matchesSet(from + 1, c);
    }
    if (first == '\\' && next < pattern.length()) {
      first = pattern.charAt(next++);
    }
    return first == c;
  }

  /** A set without its closing bracket ends with the pattern. */
  private boolean matchesSet(int from, char c) {
    int i = from;
    boolean negated = i < pattern.length() && pattern.charAt(i) == '^';
    if (negated) {
      i++;
    }
    boolean found = false;
    while (i < pattern.length() && pattern.charAt(i) != ']') {
      if (pattern.charAt(i) == '\\' && i + 1 < pattern.length()) {
        found |= pattern.charAt(i + 1) == c;
        i += 2;
      } else if (i + 2 < pattern.length() && pattern.charAt(i + 1) == '-') {
        char low = (char) Math.min(pattern.charAt(i), pattern.charAt(i + 2));
        char high = (char) Math.max(pattern.charAt(i), pattern.charAt(i + 2));
        found |= low <= c && c <= high;
        i += 3;
      } else {
        found |= pattern.charAt(i) == c;
        i++;
      }
    }
    next = Math.min(i + 1, pattern.length());
    return found != negated;
  }
}
