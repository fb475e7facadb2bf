package io.cashew.proxy.config;

import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What values a setting takes, and their two ways: out of a file and into one.
 *
 * @param form the values in words, for documents and errors: {@code a duration, 1ms to 1h}
 * @param reading turns a value of the file into a setting
 * @param shown a value as a person reads it, without secrets
 * @param writing a value as a file has it
 * @param isText whether any word may be a value, {@code null} included
 * @param section the table of the object that is a value; its keys are known by their whole path.
 *     Null: a value has none
 * @param elements the table of the objects of which a value is a list or has one a name. Null: it
 *     is none of these
 */
record Kind<T>(
    String form,
    Reading<T> reading,
    Function<T, String> shown,
    Writing<T> writing,
    boolean isText,
    @Nullable Table<?> section,
    @Nullable Table<?> elements) {

  /** Reads a value that is neither an object nor a list. */
  interface ScalarReading<T> {
    T read(ConfigValue value) throws BadValue;
  }

  /** Reads one value; what is wrong inside of it is reported at its place. */
  interface Reading<T> {
    T read(ConfigValue value, Place place) throws BadValue;
  }

  /** Writes one value. */
  interface Writing<T> {
    /**
     * The text.
     *
     * @param hidesSecrets whether {@code ***} stands for secrets
     */
    String write(T value, boolean hidesSecrets);
  }

  /** Numbers, flags and words: written as they are shown. */
  static <T> Kind<T> of(String form, ScalarReading<T> reading) {
    return structure(form, (value, place) -> reading.read(value)).shownAs(String::valueOf);
  }

  /** Texts, which are written in quotes. */
  static <T> Kind<T> text(String form, Function<T, String> shown, ScalarReading<T> reading) {
    return new Kind<>(
        form,
        (value, place) -> reading.read(value),
        shown,
        (value, hides) -> ConfigUtil.quoteString(shown.apply(value)),
        true,
        null,
        null);
  }

  /** Objects and lists. */
  static <T> Kind<T> structure(String form, Reading<T> reading) {
    return new Kind<>(
        form, reading, String::valueOf, (value, hides) -> "" + value, false, null, null);
  }

  /** Reads a value that stands alone: no object, no list. */
  T read(ConfigValue value) throws BadValue {
    return reading.read(value, Section.nowhere().place(""));
  }

  /** With other words for its values, in files and for people. */
  Kind<T> shownAs(Function<T, String> words) {
    return new Kind<>(
        form, reading, words, (value, hides) -> words.apply(value), isText, section, elements);
  }

  /** Of texts: any word may be a value, {@code null} included. */
  Kind<T> asText() {
    return new Kind<>(form, reading, shown, writing, true, section, elements);
  }

  /** With another form in files than for people. */
  Kind<T> writtenAs(Writing<T> other) {
    return new Kind<>(form, reading, shown, other, isText, section, elements);
  }

  /** With an object as value that this table is about. */
  Kind<T> withSection(Table<?> table) {
    return new Kind<>(form, reading, shown, writing, isText, table, elements);
  }

  /** With objects in its value that this table is about. */
  Kind<T> withElements(Table<?> table) {
    return new Kind<>(form, reading, shown, writing, isText, section, table);
  }

  /** As a setting that may be absent. */
  Kind<Optional<T>> optional(String absent) {
    return new Kind<>(
        form,
        (value, place) -> Optional.of(reading.read(value, place)),
        value -> value.map(shown).orElse(absent),
        (value, hides) -> writing.write(value.orElseThrow(), hides),
        isText,
        section,
        elements);
  }
}
