package io.cashew.proxy.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.cashew.hashing.registry.NearestName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One object of a HOCON file, read by the rows of its keys; what is wrong goes to {@link Problems}
 * with its place. Used by the thread that reads the file.
 */
final class Section {
  private static final Pattern DOT = Pattern.compile("\\.");

  private final ConfigObject object;
  private final String path;
  private final String name;
  private final List<String> keys;
  private final Files files;
  private final Problems problems;

  /** What was read, by key: so a setting that others ask for, too, is reported once. */
  private final Map<String, Object> read = new HashMap<>();

  /** What the user calls the file that a value stands in. */
  interface Files {
    String name(ConfigOrigin origin);
  }

  /**
   * A section.
   *
   * @param path of the keys that lead to it; empty: it is the file
   * @param name that the user has given it; empty: none
   */
  Section(
      ConfigObject object,
      String path,
      String name,
      Table<?> table,
      Files files,
      Problems problems) {
    this(object, path, name, table.keys(), files, problems);
  }

  private Section(
      ConfigObject object,
      String path,
      String name,
      List<String> keys,
      Files files,
      Problems problems) {
    this.object = object;
    this.path = path;
    this.name = name;
    this.keys = keys;
    this.files = files;
    this.problems = problems;
  }

  /** Where defaults stand, which are no part of a file. */
  static Section nowhere() {
    return new Section(
        ConfigFactory.empty().root(), "", "", List.of(), origin -> "", new Problems(""));
  }

  /**
   * A section inside this one.
   *
   * @param innerKey the way to it from here
   * @param innerName that the user has given it; empty: none
   */
  Section inside(ConfigObject inner, String innerKey, String innerName, Table<?> table) {
    return new Section(inner, pathTo(innerKey), innerName, table, files, problems);
  }

  private String pathTo(String innerKey) {
    return path.isEmpty() || innerKey.isEmpty() ? path + innerKey : path + "." + innerKey;
  }

  /** The place of a setting's value. */
  Place place(String key) {
    return new Place(this, key);
  }

  /** The name that the user has given it. */
  String name() {
    return name;
  }

  Problems problems() {
    return problems;
  }

  /** The values of its settings. */
  <S> Values<S> values() {
    return new Values<>() {
      @Override
      public <T> T get(Setting<S, T> setting) {
        return Section.this.get(setting);
      }

      @Override
      public <P> P part(Table<P> table, Function<S, P> component) {
        return table.read(Section.this);
      }
    };
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
   * Reports this section, which users named, if it is the first half of a name with a dot: it has
   * nothing but objects, under names that are no keys.
   */
  boolean refuseNameWithoutQuotes() {
    boolean half =
        !object.isEmpty()
            && object.entrySet().stream()
                .allMatch(
                    entry ->
                        entry.getValue() instanceof ConfigObject
                            && keys.stream()
                                .noneMatch(key -> parts(key).get(0).equals(entry.getKey())));
    if (half) {
      report(
          object,
          "",
          "has only objects in it: a name with a dot needs quotes, \""
              + name
              + "."
              + object.keySet().iterator().next()
              + "\"");
    }
    return half;
  }

  private void refuseUnknownKeys(ConfigObject part, String above) {
    for (Map.Entry<String, ConfigValue> entry : part.entrySet()) {
      String key = above + entry.getKey();
      ConfigValue value = entry.getValue();
      // A dot in quotes is part of a name, not a path, and no key has one.
      boolean single = !entry.getKey().contains(".");
      boolean known = single && keys.contains(key);
      boolean section = single && keys.stream().anyMatch(each -> each.startsWith(key + "."));
      if (section && value instanceof ConfigObject inner) {
        refuseUnknownKeys(inner, key + ".");
      } else if (section && !known && value.valueType() != ConfigValueType.NULL) {
        report(value, key, "must be an object { … }, not " + Kinds.typeName(value));
      } else if (!section && !known) {
        report(
            value,
            key,
            "unknown key, did you mean '"
                + NearestName.to(key, below(above))
                + "'? known: "
                + knownBeside(above));
      }
    }
  }

  private List<String> below(String above) {
    return keys.stream().filter(key -> key.startsWith(above)).toList();
  }

  private String knownBeside(String above) {
    return String.join(
        " ",
        below(above).stream()
            .map(key -> parts(key.substring(above.length())).get(0))
            .distinct()
            .toList());
  }

  private static List<String> parts(String name) {
    return DOT.splitAsStream(name).toList();
  }

  /** Whether the file has a value for the setting; {@code null} is none. */
  boolean has(Setting<?, ?> setting) {
    return find(setting).isPresent();
  }

  /** Whether the file says anything of the setting, be it {@code null}. */
  boolean mentions(Setting<?, ?> setting) {
    return findAny(setting).isPresent();
  }

  /** The value of a setting, its default, or after a problem a stand-in. */
  @SuppressWarnings("unchecked") // a key has one row
  <T> T get(Setting<?, T> setting) {
    Object known = read.get(setting.key());
    if (known == null) {
      known = readOnce(setting);
      read.put(setting.key(), known);
    }
    return (T) known;
  }

  private <S, T> T readOnce(Setting<S, T> setting) {
    Optional<ConfigValue> value = find(setting);
    if (value.isEmpty()) {
      Optional<ConfigValue> none = findAny(setting);
      if (setting.kind().isText() && none.isPresent()) {
        report(
            none.get(),
            setting.key(),
            "is null, which is no text: write \"null\" in quotes, or leave the key out");
      } else if (setting.required()) {
        report(object, setting.key(), "is missing: it must be " + setting.kind().form());
      }
      return setting.standard(values());
    }
    try {
      return setting.kind().reading().read(value.get(), place(setting.key()));
    } catch (BadValue wrong) {
      report(value.get(), setting.key(), wrong.text());
      return setting.fallback();
    }
  }

  private Optional<ConfigValue> find(Setting<?, ?> setting) {
    return findAny(setting).filter(found -> found.valueType() != ConfigValueType.NULL);
  }

  /** The value of a setting, {@code null} included. */
  private Optional<ConfigValue> findAny(Setting<?, ?> setting) {
    Optional<ConfigValue> value = Optional.of(object);
    for (String part : parts(setting.key())) {
      value =
          value.flatMap(
              outer ->
                  outer instanceof ConfigObject inner
                      ? Optional.ofNullable(inner.get(part))
                      : Optional.empty());
    }
    return value;
  }

  /** The value that a problem with this setting is about: its own, or all of this section. */
  ConfigValue placeOf(Setting<?, ?> setting) {
    return find(setting).orElse(object);
  }

  /** Reports a problem with a setting of this section. */
  void report(Setting<?, ?> setting, String text) {
    report(placeOf(setting), setting.key(), text);
  }

  /** Reports a problem at a value. */
  void report(ConfigValue at, String innerKey, String text) {
    String key = pathTo(innerKey);
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
