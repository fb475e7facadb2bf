package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

/**
 * Ejection of failed nodes.
 *
 * @param enabled true: the keys of a failed node go to the others (a cache); false: they get errors
 *     (a store)
 * @param maxEjected largest share of the nodes that may be out at once, 0 to 1; the last node is
 *     never ejected
 * @param ring where the keys of an ejected node go
 */
public record EjectSettings(boolean enabled, double maxEjected, EjectRing ring) {

  /** The rows of its settings. */
  public static final Table<EjectSettings> TABLE = Table.of(EjectSettings::new);

  public static final Setting<EjectSettings, Boolean> ENABLED =
      TABLE.row(
          "eject.enabled",
          Kinds.flag(),
          "false",
          AT_ONCE,
          EjectSettings::enabled,
          "Whether the keys of a failed node go to the other nodes (right for a cache) or get"
              + " errors (right for a store, hence the default).");

  public static final Setting<EjectSettings, Double> MAX_EJECTED =
      TABLE.row(
          "eject.max-ejected",
          Kinds.share(),
          "0.5",
          AT_ONCE,
          EjectSettings::maxEjected,
          "Largest share of the nodes that may be out at once; the last node never is. When more"
              + " than half seem to fail, the fault is more likely on this side.");

  public static final Setting<EjectSettings, EjectRing> RING =
      TABLE.row(
          "eject.ring",
          Kinds.choice(EjectRing.class),
          "keep",
          AT_ONCE,
          EjectSettings::ring,
          "`keep`: the keys of an ejected node go to the others, whose own keys stay. `rebuild`: the"
              + " distribution is made anew without the node, as twemproxy does; keys of other nodes"
              + " move too where weights differ, and nearly all under `modula`.");

  /** What ships. */
  public static final EjectSettings DEFAULT = TABLE.standard();

  private EjectSettings(Values<EjectSettings> from) {
    this(from.get(ENABLED), from.get(MAX_EJECTED), from.get(RING));
  }
}
