package io.cashew.proxy.admin;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, lists, texts and numbers as JSON (RFC 8259). */
public final class Json {
  private final StringBuilder text = new StringBuilder();

  private Json() {}

  /** An object with these fields, in their order: name, value, name, value … */
  public static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return fields;
  }

  /**
   * The text of a value.
   *
   * @throws IllegalArgumentException if JSON has no such value
   */
  public static String text(@Nullable Object value) {
    Json json = new Json();
    json.append(value);
    return json.text.toString();
  }

  private void append(@Nullable Object value) {
    if (value instanceof Map<?, ?> fields) {
      appendObject(fields);
    } else if (value instanceof List<?> elements) {
      appendList(elements);
    } else if (value instanceof String string) {
      appendText(string);
    } else if (value instanceof Double number) {
      text.append(String.format(Locale.ROOT, "%.6f", number));
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private void appendObject(Map<?, ?> fields) {
    text.append('{');
    Iterator<? extends Map.Entry<?, ?>> entries = fields.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      appendText(String.valueOf(entry.getKey()));
      text.append(':');
      append(entry.getValue());
      text.append(entries.hasNext() ? "," : "");
    }
    text.append('}');
  }

  private void appendList(List<?> elements) {
    text.append('[');
    for (int i = 0; i < elements.size(); i++) {
      text.append(i == 0 ? "" : ",");
      append(elements.get(i));
    }
    text.append(']');
  }

  private void appendText(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
