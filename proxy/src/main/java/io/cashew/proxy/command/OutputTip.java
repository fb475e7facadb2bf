package io.cashew.proxy.command;

import java.util.Locale;

/** What Redis publishes about how a command's output varies. */
public enum OutputTip implements Trait {
  NONDETERMINISTIC_OUTPUT,
  NONDETERMINISTIC_OUTPUT_ORDER;

  private final String tip = name().toLowerCase(Locale.ROOT);

  /** As Redis publishes it. */
  public String tip() {
    return tip;
  }
}
