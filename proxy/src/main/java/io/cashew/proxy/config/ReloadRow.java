package io.cashew.proxy.config;

import java.util.Optional;
import java.util.function.Function;

/**
 * What a reload does about one key.
 *
 * @param key the row of the table of keys
 * @param effect how another value comes into force
 * @param value what is compared
 * @param text the value as a person reads it, without secrets
 * @param <S> the section's settings
 */
record ReloadRow<S>(
    Key<?> key, ReloadEffect effect, Function<S, Object> value, Function<S, String> text) {

  static <S> ReloadRow<S> row(Key<?> key, ReloadEffect effect, Function<S, Object> value) {
    return new ReloadRow<>(key, effect, value, value.andThen(String::valueOf));
  }

  static <S, T> ReloadRow<S> row(
      Key<?> key, ReloadEffect effect, Function<S, T> value, Function<T, String> text) {
    return new ReloadRow<>(key, effect, value::apply, value.andThen(text));
  }

  /** What differs; empty: nothing. */
  Optional<SettingChange> change(S before, S after) {
    return value.apply(before).equals(value.apply(after))
        ? Optional.empty()
        : Optional.of(new SettingChange(key.name(), text.apply(before), text.apply(after), effect));
  }
}
