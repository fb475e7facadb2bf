package io.cashew.proxy.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.util.Optional;

/**
 * A row of the table of keys: the list of known keys, the defaults and {@code
 * docs/configuration.md} all come from these rows.
 *
 * @param name path below its section, with dots: {@code eject.enabled}
 * @param kind what values it takes
 * @param standard the default as a file would write it, or in words; for documents
 * @param required whether the file must have it
 * @param fallback the value when the file has none, and the stand-in that lets reading go on after
 *     a problem
 * @param doc what it does and why its default is what it is
 */
record Key<T>(
    String name, Kind<T> kind, String standard, boolean required, T fallback, String doc) {

  /** A key with a default, written as a file would write it. */
  static <T> Key<T> key(String name, Kind<T> kind, String standard, String doc) {
    try {
      ConfigValue value = ConfigFactory.parseString("v = " + standard).getValue("v");
      T fallback = kind.read(value);
      return new Key<>(name, kind, standard, false, fallback, doc);
    } catch (BadValue wrong) {
      throw new AssertionError("the default of " + name + ": " + wrong.text(), wrong);
    }
  }

  /** A key that every file must have. */
  static <T> Key<T> required(String name, Kind<T> kind, T standIn, String doc) {
    return new Key<>(name, kind, "required", true, standIn, doc);
  }

  /** A key that may be absent. */
  static <T> Key<Optional<T>> optional(String name, Kind<T> kind, String standard, String doc) {
    Kind<Optional<T>> present =
        new Kind<>(kind.form(), value -> Optional.of(kind.reading().read(value)), kind.isText());
    return new Key<>(name, present, standard, false, Optional.empty(), doc);
  }
}
