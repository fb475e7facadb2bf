package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.topology.Placement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The law that a client's requests for one key are executed in the order in which it sent them,
 * while the slot of the key goes from one server to another. Without a state of its own.
 *
 * <p>A slot's keys leave one by one. So of requests for one slot that are in flight at one server,
 * the first may be sent away and the second executed, if they are for different keys: that is in
 * order. For one key it cannot be, with one exception: a request for several keys, of which some
 * are still there, is refused with {@code TRYAGAIN}, and one behind it for a key that is there is
 * executed. What follows from that:
 *
 * <ul>
 *   <li>A request is not sent to a server while one that its client has sent before, for the same
 *       slot, waits or is at another server: {@link #mayGo} of one that is sent again, {@link
 *       #holds} of a new one.
 *   <li>A request that writes waits for those for several keys before it, if they have a key in
 *       common, whether the slot is known to move or not: {@link #holds}. It need not if it has all
 *       their keys, since a server that does not execute the former will not execute it either.
 *   <li>What was executed all the same, behind one that was not, is found by {@link #before}.
 * </ul>
 */
public final class SlotOrder {
  private SlotOrder() {}

  /**
   * Whether a client's next request has to wait for one of those that are under way.
   *
   * @param next its keys; null: it has none, or nobody knows
   * @param to where it would go; null: that cannot be told
   * @param writes whether it may write
   */
  public static boolean holds(
      RequestOrder order, @Nullable RequestKeys next, @Nullable Backend to, boolean writes) {
    boolean unsettled = !order.isSettled();
    boolean mayOvertake = writes && order.hasManyKeys();
    if (!unsettled && !mayOvertake) {
      return false;
    }
    for (Exchange each = order.first(); each != null; each = each.next()) {
      if (each.anyPart(
          part ->
              part.isUnderWay()
                  && ((unsettled && isElsewhere(part, next, to))
                      || (mayOvertake && mayBeOvertaken(part, next))))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isElsewhere(
      Redirectable before, @Nullable RequestKeys next, @Nullable Backend to) {
    return isOfSameSlot(before.keys(), next)
        && (before.isOnDetour() || before.backend() != to || to == null);
  }

  /** Of one of which that is not known it may be so. */
  private static boolean isOfSameSlot(@Nullable RequestKeys one, @Nullable RequestKeys other) {
    return one == null
        || other == null
        || one.group() == other.group()
        || one.group() == Placement.NO_GROUP
        || other.group() == Placement.NO_GROUP;
  }

  private static boolean mayBeOvertaken(Redirectable before, @Nullable RequestKeys next) {
    if (!before.hasManyKeys()) {
      return false; // looked at first: the keys of a part are read from bytes that are cut for that
    }
    RequestKeys keys = before.keys();
    if (keys == null || next == null) {
      return true;
    }
    return keys.count() > 1 && keys.shares(next) && !next.hasAllOf(keys);
  }

  /**
   * Whether a request that is sent again may go to a server now: nothing that its client has sent
   * before it for the same slot waits, or is at another server.
   */
  static boolean mayGo(Redirectable request, Backend to) {
    Exchange own = request.exchange();
    for (Exchange each = own.order().first(); each != null && each != own; each = each.next()) {
      if (each.anyPart(part -> isInTheWay(part, request, to))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isInTheWay(Redirectable before, Redirectable request, Backend to) {
    boolean ofSlot = request.detour().isOfSlot();
    if (before.isWaiting() && !(ofSlot && before.detour().isOfSlot())) {
      return true; // all that a server refuses goes on in the order in which it was sent
    }
    return before.isUnderWay()
        && (before.isWaiting() || before.backend() != to)
        && (ofSlot || before.isOnDetour())
        && isOfSameSlot(before.keys(), request.keys());
  }

  /**
   * Those that a client has sent before a request that was executed, that were not, and that have a
   * key in common with it.
   */
  static List<Redirectable> before(Redirectable executed) {
    List<Redirectable> found = new ArrayList<>();
    Exchange own = executed.exchange();
    for (Exchange each = own.order().first(); each != null && each != own; each = each.next()) {
      each.anyPart(
          part -> {
            if (part.isUnderWay() && part.isOnDetour() && mayShareKeys(part, executed)) {
              found.add(part);
            }
            return false;
          });
    }
    return found;
  }

  private static boolean mayShareKeys(Redirectable one, Redirectable other) {
    RequestKeys keys = one.keys();
    RequestKeys others = other.keys();
    return keys == null || others == null || keys.shares(others);
  }
}
