package io.cashew.proxy.config;

/** How another value of a key comes into force while the proxy runs. */
public enum ReloadEffect {
  /** For every client, those that are connected included. */
  AT_ONCE("at once"),

  /** Where keys belong changes with it. */
  MOVES_KEYS("at once; keys move"),

  /** Those who are connected stay as they are. */
  NEW_CLIENTS("for clients that connect from then on"),

  /** Connections to the nodes are made anew. */
  NEW_CONNECTIONS("with new connections to the nodes; the old ones end with their last reply"),

  /** The new address opens, then the old one closes. */
  NEW_LISTENER("clients connect there from then on; those who are connected stay"),

  /** Compared and taken over with the object that it is a part of. */
  WITH_THE_WHOLE("with what it is a part of"),

  /** Not while the process runs: the former value stays in force. */
  RESTART("needs a restart");

  private final String text;

  ReloadEffect(String text) {
    this.text = text;
  }

  /** One clause, for people. */
  public String text() {
    return text;
  }
}
