package io.cashew.proxy.config;

import java.util.function.Function;

/**
 * Where a record of settings gets its values from: a file, the defaults, another record. A record's
 * constructor asks for each of its components once.
 *
 * @param <S> the record
 */
interface Values<S> {
  /** The value of one setting. */
  <T> T get(Setting<S, T> setting);

  /** The record of some settings that is a component of the record. */
  <P> P part(Table<P> table, Function<S, P> component);

  /** What ships. */
  static <S> Values<S> standard() {
    return new Values<>() {
      @Override
      public <T> T get(Setting<S, T> setting) {
        return setting.standard(this);
      }

      @Override
      public <P> P part(Table<P> table, Function<S, P> component) {
        return table.standard();
      }
    };
  }

  /** Those of a record. */
  static <S> Values<S> of(S record) {
    return new Values<>() {
      @Override
      public <T> T get(Setting<S, T> setting) {
        return setting.of(record);
      }

      @Override
      public <P> P part(Table<P> table, Function<S, P> component) {
        return component.apply(record);
      }
    };
  }

  /** Those of a record, but for one setting, which is its own or one of its parts. */
  static <S, U> Values<S> but(S record, Setting<?, U> one, U value) {
    return new Values<>() {
      @Override
      @SuppressWarnings("unchecked") // settings of one key are of one type
      public <T> T get(Setting<S, T> setting) {
        return setting.key().equals(one.key()) ? (T) value : setting.of(record);
      }

      @Override
      public <P> P part(Table<P> table, Function<S, P> component) {
        P part = component.apply(record);
        return table.has(one) ? table.make(but(part, one, value)) : part;
      }
    };
  }

  /** Those of a record, but for one of its parts. */
  static <S, Q> Values<S> but(S record, Table<Q> one, Q value) {
    return new Values<>() {
      @Override
      public <T> T get(Setting<S, T> setting) {
        return setting.of(record);
      }

      @Override
      @SuppressWarnings("unchecked") // a table is about one record
      public <P> P part(Table<P> table, Function<S, P> component) {
        return table == one ? (P) value : component.apply(record);
      }
    };
  }

  /** What runs when {@code after} is taken over by what was started with {@code before}. */
  static <S> Values<S> takenOver(S before, S after) {
    return new Values<>() {
      @Override
      public <T> T get(Setting<S, T> setting) {
        return setting.of(setting.effect() == ReloadEffect.RESTART ? before : after);
      }

      @Override
      public <P> P part(Table<P> table, Function<S, P> component) {
        return table.takenOver(component.apply(before), component.apply(after));
      }
    };
  }
}
