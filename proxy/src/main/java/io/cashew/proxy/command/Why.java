package io.cashew.proxy.command;

/** Why Cashew treats a command as it does; the text of the error where it is refused. */
record Why(String text) implements Trait {
  /** Begins as Redis itself answers, which is what clients look for when they probe. */
  static final Why NO_CLUSTER =
      new Why("This instance has cluster support disabled; connect without cluster mode");
}
