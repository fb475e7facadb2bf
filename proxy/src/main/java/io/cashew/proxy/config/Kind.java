package io.cashew.proxy.config;

import com.typesafe.config.ConfigValue;

/**
 * What values a key takes.
 *
 * @param form the values in words, for documents and errors: {@code a duration, 1ms to 1h}
 * @param reading turns a value of the file into a setting
 * @param isText whether any word may be a value, {@code null} included
 */
record Kind<T>(String form, Reading<T> reading, boolean isText) {

  Kind(String form, Reading<T> reading) {
    this(form, reading, false);
  }

  static <T> Kind<T> text(String form, Reading<T> reading) {
    return new Kind<>(form, reading, true);
  }

  /** Reads one value. */
  interface Reading<T> {
    T read(ConfigValue value) throws BadValue;
  }

  T read(ConfigValue value) throws BadValue {
    return reading.read(value);
  }
}
