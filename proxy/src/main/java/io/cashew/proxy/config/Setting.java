package io.cashew.proxy.config;

import com.typesafe.config.ConfigFactory;
import java.util.Optional;
import java.util.function.Function;

/**
 * A row of the table of settings, which is all that is known of one. The list of known keys, the
 * defaults, reading, writing, what a reload does, and {@code docs/configuration.md} come from these
 * rows. Immutable once its record's class is loaded.
 *
 * @param <S> the record that has it
 * @param <T> what it is there
 */
public final class Setting<S, T> {
  private final String key;
  private final Kind<T> kind;
  private final String standardText;
  private final T fallback;
  private final ReloadEffect effect;
  private final Function<S, T> value;
  private final String doc;

  // Set while the row is made.
  private boolean required;
  private boolean compared;
  private Function<Values<S>, T> standard;
  private Function<S, String> remark = record -> "";

  private Setting(
      String key,
      Kind<T> kind,
      String standardText,
      T fallback,
      ReloadEffect effect,
      Function<S, T> value,
      String doc) {
    this.key = key;
    this.kind = kind;
    this.standardText = standardText;
    this.fallback = fallback;
    this.effect = effect;
    this.value = value;
    this.doc = doc;
    compared = effect != ReloadEffect.WITH_THE_WHOLE;
    standard = others -> fallback;
  }

  /**
   * A row.
   *
   * @param key path below its section, with dots: {@code eject.enabled}
   * @param kind what values it takes
   * @param standard the default as a file would write it, or in words; for documents
   * @param fallback the value when the file has none, and the stand-in that lets reading go on
   *     after a problem
   * @param effect what a reload does about it
   * @param value what a record has
   * @param doc what it does and why its default is what it is
   */
  static <S, T> Setting<S, T> of(
      String key,
      Kind<T> kind,
      String standard,
      T fallback,
      ReloadEffect effect,
      Function<S, T> value,
      String doc) {
    return new Setting<>(key, kind, standard, fallback, effect, value, doc);
  }

  /** The value that a text of a file has for a kind. */
  static <T> T parse(String key, Kind<T> kind, String text) {
    try {
      return kind.read(ConfigFactory.parseString("v = " + text).getValue("v"));
    } catch (BadValue wrong) {
      throw new AssertionError("the default of " + key + ": " + wrong.text(), wrong);
    }
  }

  /** Has every file have it. */
  Setting<S, T> asRequired() {
    required = true;
    return this;
  }

  /** Has its default follow from other settings. */
  Setting<S, T> impliedBy(Function<Values<S>, T> others) {
    standard = others;
    return this;
  }

  /** Has it say what a file may contain, and nothing of what runs. */
  Setting<S, T> forTheFileOnly() {
    compared = false;
    return this;
  }

  /** Has a comment above it in a file that is written, unless that is empty. */
  Setting<S, T> remarkedAs(Function<S, String> comment) {
    remark = comment;
    return this;
  }

  /** The path below its section. */
  public String key() {
    return key;
  }

  Kind<T> kind() {
    return kind;
  }

  /** The default as a file would write it, or in words. */
  String standardText() {
    return standardText;
  }

  boolean required() {
    return required;
  }

  /** What stands for a value that cannot be read. */
  T fallback() {
    return fallback;
  }

  /** The default beside these values. */
  T standard(Values<S> values) {
    return standard.apply(values);
  }

  /** What a reload does about it. */
  ReloadEffect effect() {
    return effect;
  }

  String doc() {
    return doc;
  }

  /** The value that a record has. */
  T of(S record) {
    return value.apply(record);
  }

  /** What differs; empty: nothing, or it is compared with the whole that it is part of. */
  Optional<SettingChange> change(S before, S after) {
    if (!compared || of(before).equals(of(after))) {
      return Optional.empty();
    }
    String was = kind.shown().apply(of(before));
    String is = kind.shown().apply(of(after));
    return Optional.of(new SettingChange(key, was, is, effect));
  }

  /** Whether a file must say what a record has. */
  boolean isWritten(S record) {
    return required || !of(record).equals(standard(Values.of(record)));
  }

  /** The value as a file has it. */
  String text(S record, boolean hidesSecrets) {
    return kind.writing().write(of(record), hidesSecrets);
  }

  /** A comment above it in a file that is written; empty: none. */
  String remark(S record) {
    return remark.apply(record);
  }
}
