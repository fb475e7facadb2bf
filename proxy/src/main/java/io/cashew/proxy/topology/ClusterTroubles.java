package io.cashew.proxy.topology;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is to be learnt of a Redis Cluster: of slots that are said to be elsewhere, of primaries
 * that clients cannot reach, and of those that their Cluster suspects. Confined to the control
 * thread.
 */
final class ClusterTroubles {
  /** How long servers are asked again and again when clients have lost one. */
  private static final long LOST_MILLIS = 10_000;

  /** The same when the servers suspect one: they elect another after their time-out. */
  private static final long SUSPECTED_MILLIS = 60_000;

  private static final int MOST_SLOTS = 64;

  /** Where slots are, as servers have told clients. */
  private final Map<Integer, String> moved = new LinkedHashMap<>();

  /** Addresses of primaries that do not serve, as clients have seen. */
  private final Set<String> lost = new LinkedHashSet<>();

  /** Ids of primaries that the servers suspect. */
  private Set<String> suspected = Set.of();

  private long untilNanos;

  /** Nothing is wrong. */
  ClusterTroubles(long nowNanos) {
    untilNanos = nowNanos;
  }

  /** A server says that a slot is at an address. */
  void moved(int slot, String address) {
    if (moved.size() < MOST_SLOTS) {
      moved.put(slot, address);
    }
  }

  /** Clients cannot use the server at an address. */
  void lost(String address, long nowNanos) {
    lost.add(address);
    lastsUntil(nowNanos, LOST_MILLIS);
  }

  private void lastsUntil(long nowNanos, long millis) {
    long until = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
    if (until - untilNanos > 0) {
      untilNanos = until;
    }
  }

  /** Whether clients cannot use the server at an address. */
  boolean isLost(String address) {
    return lost.contains(address);
  }

  /** Who has to know: the servers that slots are said to be at, and those that have them so far. */
  List<String> whoKnows(ClusterMap map) {
    Set<String> addresses = new LinkedHashSet<>(moved.values());
    for (int slot : moved.keySet()) {
      ClusterServer owner = map.owner(slot);
      if (owner != null) {
        addresses.add(owner.address());
      }
    }
    for (ClusterServer server : map.primaries().keySet()) {
      if (lost.contains(server.address())) {
        map.replicasOf(server).forEach(replica -> addresses.add(replica.address()));
      }
    }
    return List.copyOf(addresses);
  }

  /** What is left of it by a newer map, told by the server at {@code teller}. */
  void seen(ClusterMap map, String teller, long nowNanos) {
    moved.entrySet().removeIf(each -> isKnown(map.owner(each.getKey()), each.getValue(), teller));
    Set<String> primaries = new LinkedHashSet<>();
    Set<String> now = new LinkedHashSet<>();
    for (ClusterServer server : map.primaries().keySet()) {
      primaries.add(server.address());
      if (server.condition() != ClusterServer.Condition.WELL) {
        now.add(server.id());
      }
    }
    lost.retainAll(primaries);
    if (!suspected.containsAll(now)) {
      lastsUntil(nowNanos, SUSPECTED_MILLIS);
    }
    suspected = now;
  }

  /** Whether a slot is where it was said to be, or its owner has told that it still has it. */
  private static boolean isKnown(@Nullable ClusterServer owner, String address, String teller) {
    return owner != null && (owner.address().equals(address) || owner.address().equals(teller));
  }

  /** Whether nothing is to be learnt, as far as clients have shown. */
  boolean areSolved() {
    return moved.isEmpty() && lost.isEmpty();
  }

  /** Whether each primary answers the others. */
  boolean nobodyIsSuspected() {
    return suspected.isEmpty();
  }

  /** Whether servers are to be asked again at once: another primary may be elected any moment. */
  boolean areUrgent(long nowNanos) {
    return untilNanos - nowNanos > 0 && !(lost.isEmpty() && suspected.isEmpty());
  }

  /** All have been asked. What nobody has confirmed is forgotten, unless more has come. */
  void roundIsOver(boolean again, long nowNanos) {
    if (!again) {
      moved.clear();
    }
    if (!areUrgent(nowNanos)) {
      lost.clear();
    }
  }
}
