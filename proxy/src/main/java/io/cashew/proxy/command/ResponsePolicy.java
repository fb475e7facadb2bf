package io.cashew.proxy.command;

import java.util.Locale;

/** How the replies of several nodes become one, in Redis's words ("command tips"). */
public enum ResponsePolicy implements Trait {
  /** One node's reply as it is, or the lists of all nodes one after another. */
  DEFAULT,
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

  private final String tip = "response_policy:" + name().toLowerCase(Locale.ROOT);

  /** As Redis publishes it. */
  public String tip() {
    return tip;
  }
}
