package io.cashew.proxy.command;

import java.util.Locale;

/** What a command does with the keys of a key spec, in Redis's words. */
public enum KeyFlag {
  RO("RO"),
  RW("RW"),
  OW("OW"),
  RM("RM"),
  ACCESS,
  UPDATE,
  INSERT,
  DELETE,
  /** The arguments are channels: they choose a node as keys do, but are none. */
  NOT_KEY,
  /** The spec does not find all keys. */
  INCOMPLETE,
  /** Other arguments change what is done with the key. */
  VARIABLE_FLAGS;

  private final String word;

  KeyFlag() {
    word = name().toLowerCase(Locale.ROOT);
  }

  KeyFlag(String word) {
    this.word = word;
  }

  /** As Redis spells it. */
  public String word() {
    return word;
  }
}
