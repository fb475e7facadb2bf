package io.cashew.hashing.function;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Translates an expression of {@code java.util.regex} into one of RE2 that gives the same answers,
 * or refuses it. Used once, by the thread that reads the configuration.
 *
 * <p>What differs, and is translated: Java's {@code .} leaves out all line ends, its {@code $} also
 * stands before a last line end, its {@code \s} has the vertical tab, and its {@code (?i)} is about
 * ASCII alone. What RE2 has not (looking around, references to groups, possessive quantifiers) or
 * takes otherwise (word boundaries, classes within classes) is refused.
 */
final class JavaPattern {
  private static final String LINE_ENDS = "\\n\\r\\x{85}\\x{2028}\\x{2029}";
  private static final String SPACES = "\\t\\n\\x0B\\f\\r ";
  private static final String AT_END = "(?:\\r\\n|[" + LINE_ENDS + "])?\\z";
  private static final int CASE = 'a' - 'A';

  private final String java;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private Flags flags = new Flags(false, false);

  /** Those of the groups around. */
  private final Deque<Flags> outer = new ArrayDeque<>();

  private record Flags(boolean ignoreCase, boolean dotAll) {}

  private JavaPattern(String java) {
    this.java = java;
  }

  /**
   * Translates an expression that {@code java.util.regex} takes.
   *
   * @throws IllegalArgumentException if it cannot be; the message says why
   */
  static String toRe2(String java) {
    JavaPattern pattern = new JavaPattern(java);
    pattern.translate();
    return pattern.out.toString();
  }

  private void translate() {
    while (at < java.length()) {
      int c = next();
      switch (c) {
        case '\\' -> escape();
        case '[' -> characters();
        case '(' -> group();
        case ')' -> {
          flags = outer.pop();
          out.append(')');
        }
        case '|' -> out.append('|');
        case '^' -> out.append("\\A");
        case '$' -> end("$");
        case '.' -> out.append(flags.dotAll ? "(?s:.)" : "[^" + LINE_ENDS + "]");
        case '*', '+', '?' -> quantifier(String.valueOf((char) c));
        case '{' -> quantifier("{" + upTo('}') + "}");
        default -> literal(c);
      }
    }
  }

  private int next() {
    int c = java.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private boolean has(String text) {
    if (java.startsWith(text, at)) {
      at += text.length();
      return true;
    }
    return false;
  }

  private String upTo(char last) {
    int to = java.indexOf(last, at);
    String text = java.substring(at, to);
    at = to + 1;
    return text;
  }

  private static IllegalArgumentException refused(String what) {
    return new IllegalArgumentException(
        "has " + what + ", which cannot be matched in linear time with Jedis's answers");
  }

  private void quantifier(String text) {
    out.append(text);
    if (has("?")) {
      out.append('?');
    } else if (has("+")) {
      throw refused("the possessive quantifier " + text + "+");
    }
  }

  /** The end that consumes the last line end: nothing may come behind it, and no group hold it. */
  private void end(String name) {
    boolean last = at == java.length() || java.charAt(at) == '|';
    if (!last || !outer.isEmpty()) {
      throw refused(name + " elsewhere than at the end");
    }
    out.append(AT_END);
  }

  // ---------------------------------------------------------------- groups

  private void group() {
    Flags around = flags;
    if (!has("?")) {
      out.append('(');
    } else if (has(":")) {
      out.append("(?:");
    } else if (has("<")) {
      if (java.startsWith("=", at) || java.startsWith("!", at)) {
        throw refused("a look behind");
      }
      out.append("(?P<").append(upTo('>')).append('>');
    } else if (java.startsWith("=", at) || java.startsWith("!", at)) {
      throw refused("a look ahead");
    } else if (java.startsWith(">", at)) {
      throw refused("an atomic group");
    } else if (!flags()) {
      return;
    }
    outer.push(around);
  }

  /** Reads flags. @return whether they are those of a group; if not, of what follows in this one */
  private boolean flags() {
    boolean on = true;
    while (true) {
      int c = next();
      switch (c) {
        case '-' -> on = false;
        case 'i' -> flags = new Flags(on, flags.dotAll);
        case 's' -> flags = new Flags(flags.ignoreCase, on);
        case ')' -> {
          return false;
        }
        case ':' -> {
          out.append("(?:");
          return true;
        }
        default -> throw refused("the flag " + Character.toString(c));
      }
    }
  }

  // ---------------------------------------------------------------- characters

  private void literal(int c) {
    if (flags.ignoreCase && isLetter(c)) {
      out.append('[').append((char) c).append((char) (c ^ CASE)).append(']');
    } else {
      out.append(quoted(c));
    }
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static String quoted(int c) {
    return isLetter(c) || (c >= '0' && c <= '9')
        ? Character.toString(c)
        : "\\x{" + Integer.toHexString(c) + "}";
  }

  private void escape() {
    int c = next();
    switch (c) {
      case 'd', 'D', 'w', 'W', 'A', 'z' -> out.append('\\').append((char) c);
      case 's' -> out.append('[').append(SPACES).append(']');
      case 'S' -> out.append("[^").append(SPACES).append(']');
      case 'Z' -> end("\\Z");
      case 'p', 'P' -> out.append(category(c));
      case 'Q' -> quotation();
      default -> literal(character(c));
    }
  }

  private void quotation() {
    int end = java.indexOf("\\E", at);
    int to = end < 0 ? java.length() : end;
    while (at < to) {
      literal(next());
    }
    at = end < 0 ? to : to + 2;
  }

  /** A general category of Unicode; other properties have other names in RE2, or none. */
  private String category(int sign) {
    String name = has("{") ? upTo('}') : Character.toString(next());
    if (flags.ignoreCase || !name.matches("[LMNPSZC][a-z]?")) {
      throw refused("\\" + (char) sign + "{" + name + "}");
    }
    return "\\" + (char) sign + "{" + name + "}";
  }

  /** The character that an escape stands for, of which the first letter has been read. */
  private int character(int c) {
    return switch (c) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'a' -> 0x07;
      case 'e' -> 0x1b;
      case 'x' -> hex(has("{") ? upTo('}') : taken(2));
      case 'u' -> notSurrogate(hex(taken(4)));
      case '0' -> octal();
      default -> {
        if (isLetter(c) || (c >= '1' && c <= '9')) {
          throw refused("\\" + (char) c);
        }
        yield c;
      }
    };
  }

  private String taken(int count) {
    String text = java.substring(at, at + count);
    at += count;
    return text;
  }

  private static int hex(String digits) {
    return Integer.parseInt(digits, 16);
  }

  private static int notSurrogate(int c) {
    if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      throw refused("half a character as \\u" + Integer.toHexString(c));
    }
    return c;
  }

  private int octal() {
    int value = 0;
    for (int digits = 0; digits < 3 && at < java.length(); digits++) {
      int digit = java.charAt(at) - '0';
      if (digit < 0 || digit > 7 || value * 8 + digit > 0377) {
        break;
      }
      value = value * 8 + digit;
      at++;
    }
    return value;
  }

  // ---------------------------------------------------------------- classes

  private void characters() {
    out.append('[');
    if (has("^")) {
      out.append('^');
    }
    while (!has("]")) {
      if (has("&&")) {
        throw refused("an intersection of classes");
      }
      int c = next();
      if (c == '[') {
        throw refused("a class within a class");
      }
      if (c == '\\' && isClass(java.charAt(at))) {
        out.append(classOf(next()));
      } else {
        range(c == '\\' ? character(next()) : c);
      }
    }
    out.append(']');
  }

  private static boolean isClass(char c) {
    return "dDwWsSpPQ".indexOf(c) >= 0;
  }

  private String classOf(int c) {
    return switch (c) {
      case 's' -> SPACES;
      case 'S', 'Q' -> throw refused("\\" + (char) c + " in a class");
      case 'p', 'P' -> category(c);
      default -> "\\" + (char) c;
    };
  }

  private void range(int first) {
    int last = first;
    boolean isRange =
        java.startsWith("-", at) && !java.startsWith("-]", at) && !java.startsWith("-[", at);
    if (isRange) {
      at++;
      int c = next();
      last = c == '\\' ? character(next()) : c;
    }
    append(first, last);
    if (flags.ignoreCase) {
      appendOtherCase(Math.max(first, 'a'), Math.min(last, 'z'));
      appendOtherCase(Math.max(first, 'A'), Math.min(last, 'Z'));
    }
  }

  private void append(int first, int last) {
    out.append(quoted(first)).append('-').append(quoted(last));
  }

  private void appendOtherCase(int first, int last) {
    if (first <= last) {
      append(first ^ CASE, last ^ CASE);
    }
  }
}
