package io.cashew.proxy.cache.expiry;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import org.jspecify.annotations.Nullable;

/** Where a command has a time to live, and what it is called with one in milliseconds. */
enum ExpiryForm {
  SET(Place.OPTION, 3, false, 1, ""),
  GETEX(Place.OPTION, 2, false, 1, ""),
  SETEX(Place.ARGUMENT, 2, false, 1000, "PSETEX"),
  PSETEX(Place.ARGUMENT, 2, false, 1, ""),
  EXPIRE(Place.ARGUMENT, 2, false, 1000, "PEXPIRE"),
  PEXPIRE(Place.ARGUMENT, 2, false, 1, ""),
  EXPIREAT(Place.ARGUMENT, 2, true, 1000, "PEXPIREAT"),
  PEXPIREAT(Place.ARGUMENT, 2, true, 1, "");

  private enum Place {
    /** Behind {@code EX}, {@code PX}, {@code EXAT} or {@code PXAT}. */
    OPTION,

    /** At a place of its own. */
    ARGUMENT
  }

  private final Place place;

  /** Of the time, or of the first option. */
  final int index;

  /** Whether the time is one of the clock; of an option its word says so. */
  final boolean isAbsolute;

  /** Milliseconds of its unit; of an option its word says so. */
  final int unitMillis;

  /** What it is called with milliseconds; empty: the same. */
  final String inMillis;

  ExpiryForm(Place place, int index, boolean isAbsolute, int unitMillis, String inMillis) {
    this.place = place;
    this.index = index;
    this.isAbsolute = isAbsolute;
    this.unitMillis = unitMillis;
    this.inMillis = inMillis;
  }

  boolean isOption() {
    return place == Place.OPTION;
  }

  /** The forms of a table's commands by their ids; null: such a command sets no time to live. */
  static @Nullable ExpiryForm[] byId(CommandTable commands) {
    @Nullable ExpiryForm[] forms = new @Nullable ExpiryForm[commands.ids()];
    for (ExpiryForm form : values()) {
      Command command = commands.find(form.name());
      if (command != null) {
        forms[command.id()] = form;
      }
    }
    return forms;
  }
}
