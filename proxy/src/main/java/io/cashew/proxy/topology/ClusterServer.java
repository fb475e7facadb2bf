package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import java.util.List;

/**
 * One server of a Redis Cluster, as a server tells of it. Immutable.
 *
 * @param id of the server, which it keeps wherever it goes
 * @param address where clients reach it; empty: that is not known
 * @param primary id of the server that it copies; empty: it is a primary itself
 * @param epoch of its claim to its slots: of two claims to a slot, that of the greater epoch is
 *     newer; 0: not known
 * @param condition what others say of it
 * @param slots that it has
 */
record ClusterServer(
    String id,
    String address,
    String primary,
    long epoch,
    Condition condition,
    List<SlotRange> slots) {

  /** How a server does, as others see it. */
  enum Condition {
    WELL,

    /** Does not answer one of them. */
    SUSPECTED,

    /** Most primaries agree that it does not answer. */
    FAILED,

    /** It has not been admitted yet. */
    STRANGE,

    /**
     * It has no slots, and others take it for a primary. It has not said so itself: one that has
     * lost its slots to a replica, or its last one, is a replica by now, as others hear later.
     */
    UNPROVEN
  }

  ClusterServer {
    slots = List.copyOf(slots);
  }

  /** Whether it takes writes. */
  boolean isPrimary() {
    return primary.isEmpty();
  }

  /** Whether it can be asked and sent to. */
  boolean hasAddress() {
    return !address.isEmpty();
  }

  /** The same in another condition. */
  ClusterServer in(Condition other) {
    return new ClusterServer(id, address, primary, epoch, other, slots);
  }

  /** The same at another address. */
  ClusterServer at(String newAddress) {
    return new ClusterServer(id, newAddress, primary, epoch, condition, slots);
  }
}
