package io.cashew.proxy.topology;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which shards of a topology are out: a function of the topology and of what is known of its
 * servers, without a state or a clock of its own.
 *
 * <p>Never more than {@link Traits#maxEjected()} of the shards are out, and never the last: the
 * keys of the others get errors then. Those that an operator has taken out are so whatever their
 * share is, and count. The keys of shards that are well never move by a failure of others.
 */
public final class Ejection {

  /** What is known of a server. */
  public enum Condition {
    WELL,

    /** Its circuit is open, and nothing but the end of a connection says that it is down. */
    SUSPECT,

    DOWN,

    /** It went down together with all others, and is given time to come back with them. */
    AWAITED,

    /** An operator has taken it out. */
    OUT
  }

  private Ejection() {}

  /**
   * A topology as it is while servers are in certain conditions.
   *
   * @param topology that there was; it says which shards were out
   * @param conditionOf what is known of a server
   * @return the same object if nothing changes
   */
  public static Topology of(Topology topology, Function<ServerId, Condition> conditionOf) {
    if (!topology.traits().ejects()) {
      return topology.ejecting(Set.of());
    }
    List<Condition> conditions =
        topology.shards().stream().map(shard -> conditionOf.apply(shard.primary())).toList();
    return topology.ejecting(after(topology.ejected(), conditions, topology.traits().maxEjected()));
  }

  /**
   * Another topology of a pool, in which shards whose servers were out before are still out.
   *
   * @param former the topology of the pool so far
   * @param next what it has from now on
   */
  public static Topology carriedOver(Topology former, Topology next) {
    Set<ServerId> out =
        former.ejected().stream()
            .map(shard -> former.shards().get(shard).primary())
            .collect(Collectors.toSet());
    Set<Integer> stillOut = new HashSet<>();
    for (int shard = 0; shard < next.shards().size(); shard++) {
      if (out.contains(next.shards().get(shard).primary())) {
        stillOut.add(shard);
      }
    }
    boolean none = !next.traits().ejects() || stillOut.size() == next.shards().size();
    return next.ejecting(none ? Set.of() : stillOut);
  }

  /**
   * The shards that are out from now on: those that an operator has taken out, those that were and
   * are still down, and, in the order of the shards, as many more of those that are down as may be.
   *
   * @param before indexes of the shards that were out
   * @param shards what is known of each, in the order of the topology
   * @param maxEjected largest share of the shards that may be out at once, 0 to 1
   * @return their indexes
   */
  static Set<Integer> after(Set<Integer> before, List<Condition> shards, double maxEjected) {
    Set<Integer> out = new TreeSet<>();
    for (int i = 0; i < shards.size() && out.size() < shards.size() - 1; i++) {
      if (shards.get(i) == Condition.OUT) {
        out.add(i);
      }
    }
    for (int i = 0; i < shards.size() && out.size() < shards.size() - 1; i++) {
      Condition condition = shards.get(i);
      if (before.contains(i) && condition != Condition.WELL && condition != Condition.AWAITED) {
        out.add(i);
      }
    }
    int most = Math.min(shards.size() - 1, (int) (maxEjected * shards.size()));
    for (int i = 0; i < shards.size() && out.size() < most; i++) {
      if (shards.get(i) == Condition.DOWN) {
        out.add(i);
      }
    }
    return out;
  }
}
