package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.cashew.hashing.registry.NearestName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One object of a HOCON file, read by the rows of its keys; what is wrong goes to {@link Problems}
 * with its place. Used by the thread that reads the file.
 */
final class Section {
  private static final Pattern DOT = Pattern.compile("\\.");

  private final ConfigObject object;
  private final String path;
  private final List<Key<?>> keys;
  private final Files files;
  private final Problems problems;

  /** What the user calls the file that a value stands in. */
  interface Files {
    String name(ConfigOrigin origin);
  }

  Section(ConfigObject object, String path, List<Key<?>> keys, Files files, Problems problems) {
    this.object = object;
    this.path = path;
    this.keys = keys;
    this.files = files;
    this.problems = problems;
  }

  /** A section inside this one. */
  Section inside(ConfigObject inner, String innerPath, List<Key<?>> innerKeys) {
    return new Section(inner, innerPath, innerKeys, files, problems);
  }

  String path() {
    return path;
  }

  /** The section itself, as the place of a problem. */
  ConfigObject self() {
    return object;
  }

  /** Reports every key that has no row. */
  void refuseUnknownKeys() {
    refuseUnknownKeys(object, "");
  }

  /**
   * What is wrong if this section, which users named, is the first half of a name with a dot: it
   * has nothing but objects, under names that are no keys.
   *
   * @param name of the section
   */
  Optional<String> nameWithoutQuotes(String name) {
    boolean half =
        !object.isEmpty()
            && object.entrySet().stream()
                .allMatch(
                    entry ->
                        entry.getValue() instanceof ConfigObject
                            && keys.stream()
                                .noneMatch(key -> parts(key.name()).get(0).equals(entry.getKey())));
    return half
        ? Optional.of(
            "has only objects in it: a name with a dot needs quotes, \""
                + name
                + "."
                + object.keySet().iterator().next()
                + "\"")
        : Optional.empty();
  }

  private void refuseUnknownKeys(ConfigObject part, String above) {
    for (Map.Entry<String, ConfigValue> entry : part.entrySet()) {
      String name = above + entry.getKey();
      ConfigValue value = entry.getValue();
      // A dot in quotes is part of a name, not a path, and no key has one.
      boolean single = !entry.getKey().contains(".");
      boolean known = single && keys.stream().anyMatch(key -> key.name().equals(name));
      boolean section = single && keys.stream().anyMatch(key -> key.name().startsWith(name + "."));
      if (section && value instanceof ConfigObject inner) {
        refuseUnknownKeys(inner, name + ".");
      } else if (section && !known && value.valueType() != ConfigValueType.NULL) {
        report(value, name, "must be an object { … }, not " + Kinds.typeName(value));
      } else if (!section && !known) {
        report(
            value,
            name,
            "unknown key, did you mean '"
                + NearestName.to(name, below(above))
                + "'? known: "
                + knownBeside(above));
      }
    }
  }

  private List<String> below(String above) {
    return keys.stream().map(Key::name).filter(name -> name.startsWith(above)).toList();
  }

  private String knownBeside(String above) {
    return String.join(
        " ",
        below(above).stream()
            .map(name -> parts(name.substring(above.length())).get(0))
            .distinct()
            .toList());
  }

  private static List<String> parts(String name) {
    return DOT.splitAsStream(name).toList();
  }

  /** Whether the file has a value for the key; {@code null} is none. */
  boolean has(Key<?> key) {
    return find(key).isPresent();
  }

  /** The value of a key, its default, or after a problem a stand-in. */
  <T> T get(Key<T> key) {
    Optional<ConfigValue> value = find(key);
    if (value.isEmpty()) {
      if (key.kind().isText() && findAny(key).isPresent()) {
        report(
            findAny(key).get(),
            key.name(),
            "is null, which is no text: write \"null\" in quotes, or leave the key out");
      } else if (key.required()) {
        report(object, key.name(), "is missing: it must be " + key.kind().form());
      }
      return key.fallback();
    }
    try {
      return key.kind().read(value.get());
    } catch (BadValue wrong) {
      report(value.get(), key.name(), wrong.text());
      return key.fallback();
    }
  }

  private Optional<ConfigValue> find(Key<?> key) {
    return findAny(key).filter(found -> found.valueType() != ConfigValueType.NULL);
  }

  /** The value of a key, {@code null} included. */
  private Optional<ConfigValue> findAny(Key<?> key) {
    Optional<ConfigValue> value = Optional.of(object);
    for (String part : parts(key.name())) {
      value =
          value.flatMap(
              outer ->
                  outer instanceof ConfigObject inner
                      ? Optional.ofNullable(inner.get(part))
                      : Optional.empty());
    }
    return value;
  }

  /** The value that a problem with this key is about: the key's, or all of this section. */
  ConfigValue placeOf(Key<?> key) {
    return find(key).orElse(object);
  }

  /** Reports a problem with a key of this section. */
  void report(Key<?> key, String text) {
    report(placeOf(key), key.name(), text);
  }

  /** Reports a problem at a value. */
  void report(ConfigValue at, String name, String text) {
    String key = path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
    ConfigOrigin origin = at.origin();
    if (origin.lineNumber() > 0) {
      problems.add(new ConfigProblem(files.name(origin), origin.lineNumber(), key, text));
    } else {
      // The value stands elsewhere, in the environment; the section is where the file takes it.
      ConfigOrigin taken = object.origin();
      problems.add(
          new ConfigProblem(
              files.name(taken),
              Math.max(0, taken.lineNumber()),
              key,
              at == object ? text : text + " (from " + origin.description() + ")"));
    }
  }
}
