package io.cashew.proxy.command;

import java.util.Locale;

/** Redis's own flags of a command, as {@code COMMAND} publishes them. */
public enum CommandFlag implements Trait {
  WRITE,
  READONLY,
  DENYOOM,
  MODULE,
  ADMIN,
  PUBSUB,
  NOSCRIPT,
  BLOCKING,
  LOADING,
  STALE,
  SKIP_MONITOR,
  SKIP_SLOWLOG,
  ASKING,
  FAST,
  NO_AUTH,
  NO_MANDATORY_KEYS,
  NO_ASYNC_LOADING,
  NO_MULTI,
  ALLOW_BUSY,
  /** Follows from the key specs; rows do not say it. */
  MOVABLEKEYS;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As Redis spells it. */
  public String word() {
    return word;
  }
}
