package io.cashew.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one record, in the order of the documents: rows of its own, and tables of records
 * that are its components. Filled while the record's class is loaded, then read only.
 *
 * @param <S> the record
 */
public final class Table<S> {
  private final String title;
  private final Function<Values<S>, S> maker;
  private final @Nullable Function<Section, S> reader;
  private final List<Entry<S>> entries = new ArrayList<>();
  private final List<BiConsumer<S, Section>> rules = new ArrayList<>();

  /** A row, or the rows of a component. */
  private interface Entry<S> {
    List<Setting<?, ?>> rows();

    Stream<SettingChange> changes(S before, S after);

    Stream<Written> written(S record, boolean hidesSecrets);
  }

  /** A line of a file. */
  record Written(String key, String text, String remark) {}

  private record Row<S, T>(Setting<S, T> setting) implements Entry<S> {
    @Override
    public List<Setting<?, ?>> rows() {
      List<Setting<?, ?>> rows = new ArrayList<>();
      rows.add(setting);
      return rows;
    }

    @Override
    public Stream<SettingChange> changes(S before, S after) {
      return setting.change(before, after).stream();
    }

    @Override
    public Stream<Written> written(S record, boolean hidesSecrets) {
      return setting.isWritten(record)
          ? Stream.of(
              new Written(
                  setting.key(), setting.text(record, hidesSecrets), setting.remark(record)))
          : Stream.empty();
    }
  }

  private record Part<S, P>(Table<P> table, Function<S, P> component) implements Entry<S> {
    @Override
    public List<Setting<?, ?>> rows() {
      return table.rows();
    }

    @Override
    public Stream<SettingChange> changes(S before, S after) {
      return table.changes(component.apply(before), component.apply(after));
    }

    @Override
    public Stream<Written> written(S record, boolean hidesSecrets) {
      return table.written(component.apply(record), hidesSecrets);
    }
  }

  private Table(String title, Function<Values<S>, S> maker, @Nullable Function<Section, S> reader) {
    this.title = title;
    this.maker = maker;
    this.reader = reader;
  }

  /** Of a record that is made of the values of its rows. */
  static <S> Table<S> of(Function<Values<S>, S> maker) {
    return new Table<>("", maker, null);
  }

  /** Of a record that takes more than its rows to read. */
  Table<S> readBy(Function<Section, S> its) {
    return new Table<>(title, maker, its);
  }

  /**
   * Of an object that the documents have a heading for.
   *
   * @param title of the heading: {@code A user, in `auth.users.NAME`}
   */
  static <S> Table<S> titled(String title, Function<Values<S>, S> maker) {
    return new Table<>(title, maker, null);
  }

  // ---------------------------------------------------------------- filling

  /** Adds a row. */
  <T> Setting<S, T> add(Setting<S, T> setting) {
    entries.add(new Row<>(setting));
    return setting;
  }

  /** Adds a row with a default that is written as a file would write it. */
  <T> Setting<S, T> row(
      String key,
      Kind<T> kind,
      String standard,
      ReloadEffect effect,
      Function<S, T> value,
      String doc) {
    T fallback = Setting.parse(key, kind, standard);
    return add(Setting.of(key, kind, standard, fallback, effect, value, doc));
  }

  /** Adds the row of a setting that may be absent, which is written in words. */
  <T> Setting<S, Optional<T>> optional(
      String key,
      Kind<T> kind,
      String absent,
      ReloadEffect effect,
      Function<S, Optional<T>> value,
      String doc) {
    Kind<Optional<T>> optional = kind.optional(absent);
    return add(Setting.of(key, optional, absent, Optional.empty(), effect, value, doc));
  }

  /** Adds the row of a setting that every file must have. */
  <T> Setting<S, T> required(
      String key, Kind<T> kind, T standIn, ReloadEffect effect, Function<S, T> value, String doc) {
    return add(Setting.of(key, kind, "required", standIn, effect, value, doc).asRequired());
  }

  /** Adds the rows of a component. */
  <P> void part(Table<P> table, Function<S, P> component) {
    entries.add(new Part<>(table, component));
  }

  /** Adds a rule about several settings together; it reports what is wrong to the section. */
  void rule(BiConsumer<S, Section> rule) {
    rules.add(rule);
  }

  /** Adds the rule that an object has exactly one of these. */
  void exactlyOneOf(List<Setting<S, ?>> settings) {
    rule(
        (record, section) -> {
          List<Setting<S, ?>> given = settings.stream().filter(section::has).toList();
          String names = String.join(", ", settings.stream().map(Setting::key).toList());
          if (given.isEmpty()) {
            section.report(section.self(), "", "has none of " + names + ": it must have one");
          }
          given.stream()
              .skip(1)
              .forEach(
                  surplus ->
                      section.report(
                          surplus,
                          "cannot stand beside "
                              + given.get(0).key()
                              + ": there is one of "
                              + names));
        });
  }

  /** Adds the rule that where an object has a setting it has none of these. */
  void excludes(Setting<S, ?> setting, List<Setting<?, ?>> others) {
    rule(
        (record, section) -> {
          if (section.has(setting)) {
            others.stream()
                .filter(section::has)
                .forEach(
                    other ->
                        section.report(
                            other, "has no use beside " + setting.key() + ": remove one of them"));
          }
        });
  }

  // ---------------------------------------------------------------- reading

  /** The heading in the documents; empty: the rows stand where the object stands. */
  String title() {
    return title;
  }

  /** All rows, those of components included, in order. */
  List<Setting<?, ?>> rows() {
    return entries.stream().<Setting<?, ?>>flatMap(entry -> entry.rows().stream()).toList();
  }

  /** All rows, those inside of values included. */
  List<Setting<?, ?>> everything() {
    List<Setting<?, ?>> all = new ArrayList<>();
    for (Setting<?, ?> row : rows()) {
      all.add(row);
      Stream.of(row.kind().section(), row.kind().elements())
          .filter(Objects::nonNull)
          .forEach(inner -> all.addAll(inner.everything()));
    }
    return all;
  }

  /** The paths of all keys, those inside of objects that are values included. */
  List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (Setting<?, ?> row : rows()) {
      keys.add(row.key());
      Table<?> inner = row.kind().section();
      if (inner != null) {
        inner.keys().forEach(key -> keys.add(row.key() + "." + key));
      }
    }
    return keys;
  }

  boolean has(Setting<?, ?> setting) {
    return rows().stream().anyMatch(row -> row.key().equals(setting.key()));
  }

  /** The record that a file describes; what is wrong is reported. */
  S read(Section section) {
    S record = reader == null ? make(section.values()) : reader.apply(section);
    check(record, section);
    return record;
  }

  /** Applies the rules. */
  void check(S record, Section section) {
    rules.forEach(rule -> rule.accept(record, section));
  }

  /** The record of these values. */
  S make(Values<S> values) {
    return maker.apply(values);
  }

  S standard() {
    return make(Values.standard());
  }

  /** What differs, in the order of the documents. */
  Stream<SettingChange> changes(S before, S after) {
    return entries.stream().flatMap(entry -> entry.changes(before, after));
  }

  /** What runs when a record is taken over by a process that was started with another. */
  S takenOver(S before, S after) {
    return make(Values.takenOver(before, after));
  }

  // ---------------------------------------------------------------- writing

  /** What a file must say of a record, in order. */
  Stream<Written> written(S record, boolean hidesSecrets) {
    return entries.stream().flatMap(entry -> entry.written(record, hidesSecrets));
  }

  /** As an object: in one line, unless a value of it takes more. */
  String object(S record, boolean hidesSecrets) {
    List<String> fields =
        written(record, hidesSecrets).map(line -> line.key() + " = " + line.text()).toList();
    if (fields.isEmpty()) {
      return "{}";
    }
    return fields.stream().anyMatch(field -> field.contains("\n"))
        ? Kinds.block("{", fields, "}")
        : "{ " + String.join(", ", fields) + " }";
  }
}
