package io.cashew.proxy.command;

import java.util.Locale;

/** Which nodes must get a command, in Redis's words ("command tips"). */
public enum RequestPolicy implements Trait {
  /** By its keys. */
  DEFAULT,
  MULTI_SHARD,
  ALL_SHARDS,
  ALL_NODES,
  SPECIAL;

  private final String tip = "request_policy:" + name().toLowerCase(Locale.ROOT);

  /** As Redis publishes it. */
  public String tip() {
    return tip;
  }
}
