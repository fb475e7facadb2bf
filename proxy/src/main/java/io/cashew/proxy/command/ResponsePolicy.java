package io.cashew.proxy.command;

import java.util.Locale;

/** How the replies of several nodes become one, in Redis's words ("command tips"). */
public enum ResponsePolicy implements Trait {
  /** One node's reply as it is; that of a node which has something to say if others say nil. */
  DEFAULT,
  /** The lists of all nodes one after another; Redis publishes it by saying nothing. */
  CONCATENATED,
  /** Elements in the order of the request's keys; Redis publishes it by saying nothing. */
  KEY_ORDER,
  ONE_SUCCEEDED,
  ALL_SUCCEEDED,
  AGG_SUM,
  AGG_MIN,
  AGG_MAX,
  AGG_LOGICAL_AND,
  AGG_LOGICAL_OR,
  SPECIAL;

  /** Whether Redis publishes it. */
  boolean isPublished() {
    return this != DEFAULT && this != CONCATENATED && this != KEY_ORDER;
  }

  private final String tip = "response_policy:" + name().toLowerCase(Locale.ROOT);

  /** As Redis publishes it. */
  public String tip() {
    return tip;
  }
}
