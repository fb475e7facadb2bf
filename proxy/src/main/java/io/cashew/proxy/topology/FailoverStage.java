package io.cashew.proxy.topology;

import java.util.Map;

/** How far a Sentinel is with the replacement of a primary. */
enum FailoverStage {
  /** It replaces nobody. */
  NONE,

  /** It asks the others whether it may: they may refuse, and nothing comes of it. */
  ASKS,

  /** Nothing holds it up any more but that no replica takes over. */
  REPLACES;

  /** Among the flags of a master from the moment when a failover is begun until it has ended. */
  private static final String IN_PROGRESS = "failover_in_progress";

  /** Among them where somebody has asked for it: then the other Sentinels are not asked. */
  private static final String FORCED = "force_failover";

  /** Among them where most Sentinels hold the primary for dead. */
  private static final String DOWN = "o_down";

  /** The state in which the others are asked. */
  private static final String WAITS = "wait_start";

  /**
   * The stage of a master.
   *
   * @param fields of the reply to {@code SENTINEL MASTER}
   */
  static FailoverStage of(Map<String, String> fields) {
    String flags = fields.getOrDefault("flags", "");
    if (!flags.contains(IN_PROGRESS)) {
      return NONE;
    }
    String state = fields.get("failover-state");
    boolean waits = state == null ? flags.contains(DOWN) : state.equals(WAITS);
    return waits && !flags.contains(FORCED) ? ASKS : REPLACES;
  }
}
