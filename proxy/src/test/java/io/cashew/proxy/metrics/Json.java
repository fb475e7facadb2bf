package io.cashew.proxy.metrics;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes JSON as a person would: two spaces a level, what is small on one line. */
final class Json {

  private static final int LINE_MAX = 100;

  private Json() {}

  /** The text of maps, lists, texts, numbers and truths. */
  static String text(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, "", out);
    return out.toString();
  }

  private static void write(Object value, String indent, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      // Those that have no order of their own get one, so that the file does not change by itself.
      Map<?, ?> ordered = map instanceof LinkedHashMap ? map : new TreeMap<>(map);
      writeAll('{', ordered.entrySet().iterator(), '}', indent, out);
    } else if (value instanceof List<?> list) {
      writeAll('[', list.iterator(), ']', indent, out);
    } else if (value instanceof Map.Entry<?, ?> field) {
      write(String.valueOf(field.getKey()), indent, out);
      out.append(": ");
      write(field.getValue(), indent, out);
    } else if (value instanceof String string) {
      writeString(string, out);
    } else {
      out.append(value);
    }
  }

  private static void writeAll(
      char open, Iterator<?> items, char close, String indent, StringBuilder out) {
    if (!items.hasNext()) {
      out.append(open).append(close);
      return;
    }
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder();
    String inner = indent + "  ";
    while (items.hasNext()) {
      StringBuilder item = new StringBuilder();
      write(items.next(), inner, item);
      lines.append(inner).append(item).append(items.hasNext() ? ",\n" : "\n");
      line.append(item).append(items.hasNext() ? ", " : "");
    }
    if (line.length() + indent.length() < LINE_MAX && line.indexOf("\n") < 0) {
      out.append(open).append(line).append(close);
    } else {
      out.append(open).append('\n').append(lines).append(indent).append(close);
    }
  }

  private static void writeString(String string, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
