package io.cashew.proxy.client.answer;

import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The text of {@code INFO}, by sections: {@code # Title}, then lines {@code name:value}. Belongs to
 * one reply.
 */
final class InfoText {
  private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();

  /** A text with no section. */
  InfoText() {}

  /** Reads a node's text. */
  static InfoText read(String text) {
    InfoText info = new InfoText();
    Map<String, String> section = new LinkedHashMap<>();
    for (String line : text.split("\r\n", -1)) {
      if (line.startsWith("# ")) {
        section = info.section(line.substring(2));
      } else {
        int colon = line.indexOf(':');
        // Lines of modules have all the same name: what follows it makes them differ.
        String name = line.startsWith("module:") ? line : line.substring(0, Math.max(colon, 0));
        if (colon > 0) {
          section.put(name, line.substring(colon + 1));
        }
      }
    }
    return info;
  }

  /** What nodes say, as if they were one server. */
  static InfoText merged(List<InfoText> nodes) {
    InfoText merged = new InfoText();
    for (InfoText node : nodes) {
      node.sections.keySet().forEach(merged::section);
    }
    merged.sections.replaceAll(
        (title, none) -> {
          List<Map<String, String>> parts = new ArrayList<>();
          for (InfoText node : nodes) {
            Map<String, String> part = node.sections.get(title);
            if (part != null) {
              parts.add(part);
            }
          }
          return InfoFields.merge(parts);
        });
    return merged;
  }

  /** The same with values in which each byte is a character, as those of nodes are. */
  InfoText inBytes() {
    sections
        .values()
        .forEach(section -> section.replaceAll((name, value) -> ReplyValue.bytesOf(value)));
    return this;
  }

  /** The section of this title, made if it is not there. */
  Map<String, String> section(String title) {
    return sections.computeIfAbsent(title, any -> new LinkedHashMap<>());
  }

  /** Drops the sections of these titles, in lower case. */
  void remove(Set<String> titles) {
    sections.keySet().removeIf(title -> titles.contains(title.toLowerCase(Locale.ROOT)));
  }

  /** Adds to, or corrects, what is said here by what {@code other} says. */
  InfoText with(InfoText other) {
    other.sections.forEach((title, fields) -> section(title).putAll(fields));
    return this;
  }

  /** The sections of these titles, in this order, as far as they are here. */
  String text(List<String> titles) {
    StringBuilder text = new StringBuilder();
    for (String title : titles) {
      sections.forEach(
          (here, fields) -> {
            if (here.toLowerCase(Locale.ROOT).equals(title)) {
              append(text, here, fields);
            }
          });
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String title, Map<String, String> fields) {
    text.append(text.length() == 0 ? "" : "\r\n").append("# ").append(title).append("\r\n");
    fields.forEach(
        (name, value) ->
            text.append(name.startsWith("module:") ? "module" : name)
                .append(':')
                .append(value)
                .append("\r\n"));
  }
}
