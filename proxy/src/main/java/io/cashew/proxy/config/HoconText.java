package io.cashew.proxy.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Looks through the text of a HOCON file for what HOCON itself would silently make another text of:
 * {@code s3cret#2024} is {@code s3cret} and a comment, {@code s3"cr"et} loses its quotes, a
 * no-break space at the end of a word is dropped, and two texts of a list without a comma between
 * them are one. Each is refused with its line. What is wrong in any other way is left to the
 * parser. Used by the thread that reads the file.
 */
final class HoconText {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final int END = -1;

  /** What the character before the next one belongs to. */
  private enum Before {
    /** White space, punctuation, or the beginning of the file. */
    NOTHING,
    /** A text without quotes. */
    WORD,
    /** A text in quotes. */
    QUOTED,
    /** A substitution, which may stand right beside a text: each of them is a part of the whole. */
    SUBSTITUTION
  }

  /** A problem and its line, 1 for the first. */
  record Problem(int line, String text) {}

  private final String text;
  private final List<Problem> problems = new ArrayList<>();

  /** Braces and brackets that are open, the innermost first. */
  private final Deque<Character> open = new ArrayDeque<>();

  private int at;
  private int line = 1;
  private Before before = Before.NOTHING;

  /** Whether a value is to follow on this line: nothing has come since its {@code =}. */
  private boolean valueDue;

  /** Whether an element of a list that ends with a quote or a substitution is on this line. */
  private boolean elementEnded;

  /** Whether this line has an {@code =} already: what comes is no key. */
  private boolean behindKey;

  private HoconText(String text) {
    this.text = text;
  }

  /** What would become another text, in the order of the lines. */
  static List<Problem> problems(String text) {
    HoconText scan = new HoconText(text);
    scan.run();
    return scan.problems;
  }

  private void run() {
    at = text.startsWith("" + BYTE_ORDER_MARK) ? 1 : 0;
    while (at != END && at < text.length()) {
      at = next(text.charAt(at));
    }
  }

  /** Looks at what begins here; returns where it ends, or {@link #END} if it does not. */
  private int next(char c) {
    if (c == '#' || text.startsWith("//", at)) {
      return comment();
    }
    switch (c) {
      case '\n' -> {
        line++;
        return separator();
      }
      case '{', '[' -> {
        open.push(c);
        return separator();
      }
      case '}', ']' -> {
        open.poll();
        return separator();
      }
      case ':', '=' -> {
        valueDue = true;
        behindKey = true;
        return punctuation();
      }
      case ',' -> {
        behindKey = false;
        return punctuation();
      }
      case '"' -> {
        if (before == Before.QUOTED || (before == Before.WORD && !joins(text.charAt(at - 1)))) {
          addQuoteInside();
        }
        return element(text.startsWith("\"\"\"", at) ? tripleQuoted() : quoted(at), Before.QUOTED);
      }
      case '$' -> {
        return element(substitution(), Before.SUBSTITUTION);
      }
      default -> {
        return isWhiteSpace(c) ? whiteSpace(c) : word();
      }
    }
  }

  /** What a key may follow. */
  private int separator() {
    valueDue = false;
    behindKey = false;
    return punctuation();
  }

  private int punctuation() {
    before = Before.NOTHING;
    elementEnded = false;
    return at + 1;
  }

  private int word() {
    if (before == Before.QUOTED && !joins(text.charAt(at))) {
      addQuoteInside();
    }
    valueDue = false;
    before = Before.WORD;
    elementEnded = false;
    return at + 1;
  }

  /** Whether a character may stand between a key and a quote: a."b.c".d, include file("f"). */
  private boolean joins(char c) {
    boolean inList = !open.isEmpty() && open.peek() == '[';
    return !inList && !behindKey && (c == '.' || c == '(' || c == ')');
  }

  private void addQuoteInside() {
    add(
        "a quote stands in the middle of a text and would be no part of it: put the whole text in"
            + " quotes, with a backslash before each quote in it (auth.password = \"a\\\"b\")");
  }

  private int whiteSpace(char c) {
    if (c != ' ' && c != '\t' && c != '\r') {
      add(
          String.format(
              "has the white space U+%04X outside quotes, which would be dropped at the end of a"
                  + " text: write a space, or put the whole text in quotes",
              (int) c));
    }
    before = Before.NOTHING;
    return at + 1;
  }

  private int comment() {
    if (before != Before.NOTHING) {
      add(
          "a comment begins in the middle of a text, so that the rest of it would be cut off: put"
              + " the whole text in quotes (auth.password = \"a#b\"), or a space before the"
              + " comment");
    }
    if (valueDue && !opensBehindComments()) {
      add(
          "a comment stands where a value should be, so that the next line would be the value: put"
              + " the whole text in quotes (auth.password = \"#b\")");
    }
    int end = text.indexOf('\n', at);
    return end < 0 ? END : end;
  }

  /** Whether the value that is due is an object or a list, which may begin behind a comment. */
  private boolean opensBehindComments() {
    int i = at;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '#' || text.startsWith("//", i)) {
        int end = text.indexOf('\n', i);
        i = end < 0 ? text.length() : end;
      } else if (isWhiteSpace(c)) {
        i++;
      } else {
        return c == '{' || c == '[';
      }
    }
    return false;
  }

  /** A quoted text or a substitution, which ends at an index, or at {@link #END} if it does not. */
  private int element(int end, Before what) {
    valueDue = false;
    if (end != END) {
      if (elementEnded && before == Before.NOTHING && !open.isEmpty() && open.peek() == '[') {
        add(
            "two texts of a list stand side by side, and would be one text with a space in it: put a"
                + " comma between them");
      }
      before = what;
      elementEnded = true;
    }
    return end;
  }

  private int tripleQuoted() {
    int end = text.indexOf("\"\"\"", at + 3);
    if (end < 0) {
      return END;
    }
    end += 3;
    while (end < text.length() && text.charAt(end) == '"') {
      end++; // of more than three quotes, the last three end it
    }
    line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
    return end;
  }

  private int quoted(int start) {
    for (int i = start + 1; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '"' -> {
          return i + 1;
        }
        case '\n' -> {
          return END;
        }
        default -> {}
      }
    }
    return END;
  }

  private int substitution() {
    for (int i = at + 1; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '"' -> {
          int end = quoted(i);
          if (end == END) {
            return END;
          }
          i = end - 1;
        }
        case '}' -> {
          return i + 1;
        }
        case '\n' -> {
          return END;
        }
        default -> {}
      }
    }
    return END;
  }

  /** As HOCON has it: what Unicode calls a space, no-break spaces and the byte order mark. */
  private static boolean isWhiteSpace(char c) {
    return Character.isWhitespace(c)
        || c == '\u00A0'
        || c == '\u2007'
        || c == '\u202F'
        || c == BYTE_ORDER_MARK;
  }

  /** Notes a problem, once a line. */
  private void add(String problem) {
    Problem found = new Problem(line, problem);
    if (!problems.contains(found)) {
      problems.add(found);
    }
  }
}
